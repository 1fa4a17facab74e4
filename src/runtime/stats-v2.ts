/** Figures of cgroup version 2: the kernel's Documentation/admin-guide/cgroup-v2.rst. Those that version 1 knew otherwise are told in its way. */
import { readdirSync } from 'node:fs'
import { count, countIn, countsIn, linesOf, textOf, type Count } from '../kernel/cgroup-numbers.ts'
import type { BlkioEntry, Memory, MemoryEntry, Stats } from './figures.ts'
import { numbersOf } from './stats-v1.ts'

// #region cpu
export function cpuV2(directory: string | undefined): Stats['cpu'] {
  const stat = directory === undefined ? {} : countsIn(directory, 'cpu.stat')
  const nanoseconds = (name: string): number => Number(stat[name] ?? 0) * 1000
  return {
    usage: { total: nanoseconds('usage_usec'), kernel: nanoseconds('system_usec'), user: nanoseconds('user_usec') },
    throttling: {
      periods: stat['nr_periods'] ?? 0,
      throttledPeriods: stat['nr_throttled'] ?? 0,
      throttledTime: nanoseconds('throttled_usec'),
    },
  }
}
// #endregion cpu

const NONE: MemoryEntry = { limit: 0, usage: 0, max: 0, failcnt: 0 }

// #region memory
/** Version 1 counts memory and swap together. How much they were together at most nobody knows. */
export function memoryV2(directory: string | undefined): Memory {
  if (directory === undefined || textOf(directory, 'memory.current') === undefined)
    return { cache: 0, usage: NONE, swap: NONE, kernel: NONE, kernelTCP: NONE, raw: {} }
  const raw = countsIn(directory, 'memory.stat')
  const [own, swap] = [entry(directory, 'memory'), entry(directory, 'memory.swap')]
  const isLimited = swap.limit !== count('max') && own.limit !== count('max')
  return {
    cache: raw['file'] ?? 0,
    usage: own,
    swap: {
      usage: sum(own.usage, swap.usage),
      limit: isLimited ? sum(own.limit, swap.limit) : count('max'),
      max: 0,
      failcnt: swap.failcnt,
    },
    kernel: { ...NONE, usage: raw['kernel'] ?? 0 },
    kernelTCP: { ...NONE, usage: raw['sock'] ?? 0 },
    raw,
  }
}

const entry = (directory: string, name: string): MemoryEntry => ({
  limit: countIn(directory, `${name}.max`),
  usage: countIn(directory, `${name}.current`),
  max: countIn(directory, `${name}.peak`),
  failcnt: countsIn(directory, `${name}.events`)['max'] ?? 0,
})
// #endregion memory

const sum = (one: Count, other: Count): Count => count(String(BigInt(one) + BigInt(other)))

const OPERATIONS = { rbytes: 'Read', wbytes: 'Write', dbytes: 'Discard', rios: 'Read', wios: 'Write', dios: 'Discard' }

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0` */
export function blkioV2(directory: string | undefined): Stats['blkio'] {
  const lines = directory === undefined ? [] : linesOf(directory, 'io.stat')
  const entries = (ending: 'bytes' | 'ios'): BlkioEntry[] =>
    lines.flatMap(([device = '', ...pairs]) =>
      pairs
        .map((pair) => pair.split('='))
        .filter(([name = '']) => name in OPERATIONS && name.endsWith(ending))
        .map(([name, value]) => ({
          ...numbersOf(device),
          op: OPERATIONS[name as keyof typeof OPERATIONS],
          value: count(value),
        })),
    )
  return { ioServiceBytesRecursive: entries('bytes'), ioServicedRecursive: entries('ios') }
}

export function hugetlbV2(directory: string | undefined): Stats['hugetlb'] {
  if (directory === undefined) return {}
  const files = readdirSync(directory)
  const sizes = files.flatMap((name) => /^hugetlb\.(\w+)\.current$/.exec(name)?.[1] ?? [])
  return Object.fromEntries(
    sizes.map((size) => {
      const kind = files.includes(`hugetlb.${size}.rsvd.current`) ? '.rsvd' : ''
      const failcnt = countsIn(directory, `hugetlb.${size}.events`)['max'] ?? 0
      return [size, { usage: countIn(directory, `hugetlb.${size}${kind}.current`), max: 0, failcnt }]
    }),
  )
}
