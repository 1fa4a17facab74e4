/** Figures of cgroup version 1: the kernel's Documentation/admin-guide/cgroup-v1. */
import { parseCpuList } from '../box/container/cpu-list.ts'
import { count, countIn, countsIn, having, linesOf, textOf, type Count } from '../kernel/cgroup-numbers.ts'
import type { BlkioEntry, Memory, MemoryEntry, Stats } from './figures.ts'

/** cpuacct.stat counts in ticks, and to programs a tick is always a hundredth of a second: time(7). */
const TICK_NS = 10_000_000

// #region cpu
export function cpuV1(cpuacct: string, cpu: string | undefined): Stats['cpu'] {
  const { user = 0, system = 0 } = countsIn(cpuacct, 'cpuacct.stat')
  const { nr_periods = 0, nr_throttled = 0, throttled_time = 0 } = cpu === undefined ? {} : countsIn(cpu, 'cpu.stat')
  const [, ...each] = linesOf(cpuacct, 'cpuacct.usage_all') // "cpu user system", then a line for each
  return {
    usage: {
      total: countIn(cpuacct, 'cpuacct.usage'),
      percpu: (textOf(cpuacct, 'cpuacct.usage_percpu') ?? '').trim().split(' ').filter(Boolean).map(count),
      percpu_user: each.map(([, user]) => count(user)),
      percpu_kernel: each.map(([, , kernel]) => count(kernel)),
      kernel: Number(system) * TICK_NS,
      user: Number(user) * TICK_NS,
    },
    throttling: { periods: nr_periods, throttledPeriods: nr_throttled, throttledTime: throttled_time },
  }
}
// #endregion cpu

const FLAGS = [
  'cpu_exclusive',
  'mem_hardwall',
  'mem_exclusive',
  'memory_migrate',
  'memory_spread_page',
  'memory_spread_slab',
  'memory_pressure',
  'sched_load_balance',
  'sched_relax_domain_level',
]

export const cpusetV1 = (directory: string): object => ({
  cpus: parseCpuList(textOf(directory, 'cpuset.cpus') ?? ''),
  mems: parseCpuList(textOf(directory, 'cpuset.mems') ?? ''),
  ...Object.fromEntries(FLAGS.map((name) => [name, countIn(directory, `cpuset.${name}`)])),
})

// #region memory
export function memoryV1(directory: string): Memory {
  const raw = countsIn(directory, 'memory.stat')
  const entry = (kind: string): MemoryEntry => ({
    limit: countIn(directory, `memory.${kind}limit_in_bytes`),
    usage: countIn(directory, `memory.${kind}usage_in_bytes`),
    max: countIn(directory, `memory.${kind}max_usage_in_bytes`),
    failcnt: countIn(directory, `memory.${kind}failcnt`),
  })
  return {
    cache: raw['cache'] ?? 0,
    usage: entry(''),
    swap: entry('memsw.'),
    kernel: entry('kmem.'),
    kernelTCP: entry('kmem.tcp.'),
    raw,
  }
}
// #endregion memory

/** BFQ counts what it schedules; without it the throttle counts everything. */
export function blkioV1(directory: string): Stats['blkio'] {
  const read = (file: string): BlkioEntry[] => {
    const scheduled = entriesIn(directory, `blkio.bfq.${file}`)
    return scheduled.length > 0 ? scheduled : entriesIn(directory, `blkio.throttle.${file}`)
  }
  return {
    ioServiceBytesRecursive: read('io_service_bytes_recursive'),
    ioServicedRecursive: read('io_serviced_recursive'),
  }
}

/** `8:0 Read 4096`; the last line is the sum, and of no device. */
const entriesIn = (directory: string, file: string): BlkioEntry[] =>
  linesOf(directory, file)
    .filter((words) => words.length === 3)
    .map(([device = '', op = '', value]) => ({ ...numbersOf(device), op, value: count(value) }))

export function numbersOf(device: string): { major: number; minor: number } {
  const [major = 0, minor = 0] = device.split(':').map(Number)
  return { major, minor }
}

export function hugetlbV1(cgroups: readonly string[]): Stats['hugetlb'] {
  const sizes = ['64KB', '2MB', '32MB', '512MB', '1GB', '16GB']
  const counted = (size: string): [string, Record<'usage' | 'max' | 'failcnt', Count>][] => {
    const prefix = [`hugetlb.${size}.rsvd`, `hugetlb.${size}`].find((name) => having(cgroups, `${name}.usage_in_bytes`))
    const directory = having(cgroups, `${prefix}.usage_in_bytes`)
    if (directory === undefined) return []
    const read = (file: string): Count => countIn(directory, `${prefix}.${file}`)
    return [[size, { usage: read('usage_in_bytes'), max: read('max_usage_in_bytes'), failcnt: read('failcnt') }]]
  }
  return Object.fromEntries(sizes.flatMap(counted))
}
