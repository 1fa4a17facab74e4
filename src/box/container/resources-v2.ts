/**
 * `linux.resources` in the words of cgroup version 2: the kernel's Documentation/admin-guide/cgroup-v2.rst. The specification was written for
 * version 1; what it leaves open is converted as runC does (resource-weights.ts).
 */
import type { BlockIO, Cpu, Memory, Resources } from '../../oci/resources.ts'
import { limit, type Limit } from './resource-limit.ts'
import { orMax, rdma, unlessMissed } from './resources-v1.ts'
import { swapAlone, weightOfBlkio, weightOfShares } from './resource-weights.ts'

// #region v2
/** @param hasBfq BFQ has weights in a file of its own; without it those of the cost model are set. */
export const limitsV2 = (resources: Resources, hasBfq: boolean): Limit[] => [
  ...limit('pids', 'pids.max', orMax(resources.pids?.limit), 'pids.limit'),
  ...memory(resources.memory ?? {}),
  ...io(resources.blockIO ?? {}, hasBfq),
  ...cpu(resources.cpu ?? {}),
  ...limit(
    'cpuset',
    'cpuset.cpus',
    resources.cpu?.cpus || undefined,
    'cpu.cpus',
  ),
  ...limit(
    'cpuset',
    'cpuset.mems',
    resources.cpu?.mems || undefined,
    'cpu.mems',
  ),
  ...(resources.hugepageLimits ?? []).flatMap(
    ({ pageSize, limit: bytes }, n) => [
      ...limit(
        'hugetlb',
        `hugetlb.${pageSize}.max`,
        bytes,
        `hugepageLimits[${n}]`,
      ),
      ...limit(
        'hugetlb',
        `hugetlb.${pageSize}.rsvd.max`,
        bytes,
        `hugepageLimits[${n}]`,
        ['ENOENT'],
      ),
    ],
  ),
  ...rdma(resources),
  ...unified(resources),
]
// #endregion v2

/** Where the kernel counts no swap there is no file for it, and nothing is lost if there was to be none, or no limit. */
function memory({ limit: most, swap, reservation }: Memory): Limit[] {
  const alone = swapAlone(most, swap)
  const idle = alone !== undefined && alone <= 0n ? ['ENOENT'] : []
  return [
    ...limit(
      'memory',
      'memory.swap.max',
      alone === 0n ? '0' : orMax(alone),
      'memory.swap',
      idle,
    ),
    ...limit('memory', 'memory.max', orMax(most), 'memory.limit'),
    ...limit('memory', 'memory.low', orMax(reservation), 'memory.reservation'),
  ]
}

/** A weight before idle: who is idle has none. */
const cpu = ({ shares, quota, period, burst, idle }: Cpu): Limit[] => [
  ...limit(
    'cpu',
    'cpu.weight',
    shares ? weightOfShares(shares) : undefined,
    'cpu.shares',
  ),
  ...bandwidth(quota ?? 0n, period ?? 0n),
  ...limit('cpu', 'cpu.max.burst', burst, 'cpu.burst', unlessMissed(burst)),
  ...limit('cpu', 'cpu.idle', idle, 'cpu.idle', unlessMissed(idle)),
]

/** One line has both, and a period of 100 ms unless told. */
function bandwidth(quota: bigint, period: bigint): Limit[] {
  if (quota === 0n && period === 0n) return []
  const value = `${quota > 0n ? quota : 'max'} ${period === 0n ? 100_000n : period}`
  return limit(
    'cpu',
    'cpu.max',
    value,
    quota === 0n ? 'cpu.period' : 'cpu.quota',
  ).map((line) => ({
    ...line,
    also: 'cpu.period',
  }))
}

function io(wish: BlockIO, hasBfq: boolean): Limit[] {
  const file = hasBfq ? 'io.bfq.weight' : 'io.weight'
  const scaled = (weight: number): number =>
    hasBfq ? weight : weightOfBlkio(weight)
  return [
    ...limit(
      'io',
      file,
      wish.weight ? scaled(wish.weight) : undefined,
      'blockIO.weight',
    ),
    ...(wish.weightDevice ?? []).flatMap(({ major, minor, weight }) =>
      limit(
        'io',
        file,
        weight ? `${major}:${minor} ${scaled(weight)}` : undefined,
        'blockIO.weightDevice',
      ),
    ),
    ...THROTTLES.flatMap(([field, key]) =>
      (wish[field] ?? []).flatMap(({ major, minor, rate }) =>
        limit(
          'io',
          'io.max',
          `${major}:${minor} ${key}=${rate === 0n ? 'max' : rate}`,
          `blockIO.${field}`,
        ),
      ),
    ),
  ]
}

const THROTTLES = [
  ['throttleReadBpsDevice', 'rbps'],
  ['throttleWriteBpsDevice', 'wbps'],
  ['throttleReadIOPSDevice', 'riops'],
  ['throttleWriteIOPSDevice', 'wiops'],
] as const

// #region unified
/** The files as they are, a line at a time: those of devices take one with each write(2). Last, so that they have the last word. */
const unified = ({ unified = {} }: Resources): Limit[] =>
  Object.entries(unified).flatMap(([file, text]) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
      .flatMap((line) =>
        limit(file.split('.')[0] ?? '', file, line, `unified["${file}"]`),
      ),
  )
// #endregion unified
