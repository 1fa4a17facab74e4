/**
 * `linux.resources` in the words of cgroup version 1: runtime-spec config-linux.md; the kernel's Documentation/admin-guide/cgroup-v1. The order
 * matters where one value bounds another: a period before its quota, a quota before its burst, memory before memory and swap.
 */
import type { BlockIO, Cpu, Memory, Resources } from '../../oci/resources.ts'
import { limit, unlessZero, type Limit } from './resource-limit.ts'

// #region v1
export const limitsV1 = (
  resources: Resources,
  files: (controller: string) => readonly string[],
): Limit[] => [
  ...cpuset(resources.cpu ?? {}),
  ...(resources.memory
    ? memory(
        resources.memory,
        files('memory').includes('memory.memsw.limit_in_bytes'),
      )
    : []),
  ...cpu(resources.cpu ?? {}),
  ...limit('pids', 'pids.max', orMax(resources.pids?.limit), 'pids.limit'),
  ...(resources.blockIO ? blkio(resources.blockIO, files('blkio')) : []),
  ...(resources.hugepageLimits ?? []).flatMap(
    ({ pageSize, limit: bytes }, n) => [
      ...limit(
        'hugetlb',
        `hugetlb.${pageSize}.limit_in_bytes`,
        bytes,
        `hugepageLimits[${n}]`,
      ),
      ...limit(
        'hugetlb',
        `hugetlb.${pageSize}.rsvd.limit_in_bytes`,
        bytes,
        `hugepageLimits[${n}]`,
        ['ENOENT'],
      ),
    ],
  ),
  ...limit(
    'net_cls',
    'net_cls.classid',
    unlessZero(resources.network?.classID),
    'network.classID',
  ),
  ...(resources.network?.priorities ?? []).flatMap(({ name, priority }, n) =>
    limit(
      'net_prio',
      'net_prio.ifpriomap',
      `${name} ${priority}`,
      `network.priorities[${n}]`,
    ),
  ),
  ...rdma(resources),
]
// #endregion v1

/** pids.max, in both versions. */
export const orMax = (value: bigint | undefined): string | undefined =>
  value === undefined || value === 0n
    ? undefined
    : value < 0n
      ? 'max'
      : String(value)

// #region memory
/** Nobody may have less memory and swap than memory; without any limit on one of them, the other one's goes first. */
function memory(
  {
    limit: most,
    swap,
    reservation,
    kernelTCP,
    swappiness,
    disableOOMKiller,
  }: Memory,
  counts: boolean,
): Limit[] {
  const both = unlessZero(swap) ?? (most === -1n && counts ? -1n : undefined)
  const memsw = limit(
    'memory',
    'memory.memsw.limit_in_bytes',
    both,
    'memory.swap',
  )
  const own = limit(
    'memory',
    'memory.limit_in_bytes',
    unlessZero(most),
    'memory.limit',
  )
  return [
    ...(both === -1n ? [...memsw, ...own] : [...own, ...memsw]),
    ...limit(
      'memory',
      'memory.soft_limit_in_bytes',
      unlessZero(reservation),
      'memory.reservation',
    ),
    ...limit(
      'memory',
      'memory.kmem.tcp.limit_in_bytes',
      unlessZero(kernelTCP),
      'memory.kernelTCP',
      ['ENOENT'],
    ),
    ...limit(
      'memory',
      'memory.oom_control',
      disableOOMKiller ? 1 : undefined,
      'memory.disableOOMKiller',
    ),
    ...limit('memory', 'memory.swappiness', swappiness, 'memory.swappiness'),
  ]
}
// #endregion memory

const cpuset = ({ cpus, mems }: Cpu): Limit[] => [
  ...limit('cpuset', 'cpuset.cpus', cpus || undefined, 'cpu.cpus'),
  ...limit('cpuset', 'cpuset.mems', mems || undefined, 'cpu.mems'),
]

/** Shares before idle: who is idle has none. */
const cpu = ({
  shares,
  quota,
  period,
  burst,
  idle,
  realtimePeriod,
  realtimeRuntime,
}: Cpu): Limit[] => [
  ...limit(
    'cpu',
    'cpu.rt_period_us',
    unlessZero(realtimePeriod),
    'cpu.realtimePeriod',
  ),
  ...limit(
    'cpu',
    'cpu.rt_runtime_us',
    unlessZero(realtimeRuntime),
    'cpu.realtimeRuntime',
  ),
  ...limit('cpu', 'cpu.shares', unlessZero(shares), 'cpu.shares'),
  ...limit('cpu', 'cpu.cfs_period_us', unlessZero(period), 'cpu.period'),
  ...limit('cpu', 'cpu.cfs_quota_us', unlessZero(quota), 'cpu.quota'),
  ...limit('cpu', 'cpu.cfs_burst_us', burst, 'cpu.burst', unlessMissed(burst)),
  ...limit('cpu', 'cpu.idle', idle, 'cpu.idle', unlessMissed(idle)),
]

/** A kernel that cannot do it does not do it. */
export const unlessMissed = (value: bigint | number | undefined): string[] =>
  Number(value) === 0 ? ['ENOENT'] : []

/** CFQ, which the file's name without a scheduler's in it was for, and which had leaf weights, went with Linux 5.0; BFQ has a file of its own. */
function blkio(wish: BlockIO, files: readonly string[]): Limit[] {
  const weight = files.includes('blkio.weight')
    ? 'blkio.weight'
    : 'blkio.bfq.weight'
  return [
    ...limit('blkio', weight, unlessZero(wish.weight), 'blockIO.weight'),
    ...limit(
      'blkio',
      'blkio.leaf_weight',
      unlessZero(wish.leafWeight),
      'blockIO.leafWeight',
    ),
    ...(wish.weightDevice ?? []).flatMap(
      ({ major, minor, weight: own, leafWeight }) => [
        ...limit(
          'blkio',
          `${weight}_device`,
          own ? `${major}:${minor} ${own}` : undefined,
          'blockIO.weightDevice',
        ),
        ...limit(
          'blkio',
          'blkio.leaf_weight_device',
          leafWeight ? `${major}:${minor} ${leafWeight}` : undefined,
          'blockIO.weightDevice',
        ),
      ],
    ),
    ...THROTTLES.flatMap(([field, file]) =>
      (wish[field] ?? []).flatMap(({ major, minor, rate }) =>
        limit(
          'blkio',
          `blkio.throttle.${file}_device`,
          `${major}:${minor} ${rate}`,
          `blockIO.${field}`,
        ),
      ),
    ),
  ]
}

const THROTTLES = [
  ['throttleReadBpsDevice', 'read_bps'],
  ['throttleWriteBpsDevice', 'write_bps'],
  ['throttleReadIOPSDevice', 'read_iops'],
  ['throttleWriteIOPSDevice', 'write_iops'],
] as const

/** The same file in both versions. */
export const rdma = ({ rdma = {} }: Resources): Limit[] =>
  Object.entries(rdma).flatMap(([device, { hcaHandles, hcaObjects }]) => {
    const handles = hcaHandles === undefined ? [] : [`hca_handle=${hcaHandles}`]
    const objects = hcaObjects === undefined ? [] : [`hca_object=${hcaObjects}`]
    return limit(
      'rdma',
      'rdma.max',
      [device, ...handles, ...objects].join(' '),
      `rdma.${device}`,
    )
  })
