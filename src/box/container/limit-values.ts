/** Values in `linux.resources` that this machine does not take. Its kernel would say EINVAL, and the box would be half made. */
import { parseCpuList } from './cpu-list.ts'
import type { Level, Sites } from '../../kernel/cgroup-sites.ts'
import type { BlockIO, Cpu, Memory, Resources } from '../../oci/resources.ts'

type Rule = [
  holds: boolean,
  field: string,
  value: unknown,
  fact: string,
  remedy: string,
]

// #region values
/** @throws RangeError naming the first field that cannot be, its value and why. */
export function refuseValues(resources: Resources, place: Sites): void {
  const { memory = {}, cpu = {}, blockIO } = resources
  const rules = [
    ...ofMemory(memory),
    ...ofCpu(cpu, place),
    ...(blockIO ? ofBlockIO(blockIO, place) : []),
    ...ofHugePages(resources, place),
  ]
  const broken = rules.find(([holds]) => !holds)
  if (!broken) return
  const [, field, value, fact, remedy] = broken
  throw new RangeError(
    `Cannot set linux.resources.${field} to "${String(value)}": ${fact}\n  ${remedy}`,
  )
}
// #endregion values

// #region of-memory
const ofMemory = ({ limit = 0n, swap = 0n }: Memory): Rule[] => [
  [
    swap <= 0n || limit !== 0n,
    'memory.swap',
    swap,
    'it is memory and swap together, and there is no limit on memory alone',
    'Set memory.limit as well',
  ],
  [
    swap <= 0n || limit <= 0n || swap >= limit,
    'memory.swap',
    swap,
    `it is memory and swap together, and memory alone may be ${limit}`,
    'Write a number that is not smaller, or -1 for no limit',
  ],
]
// #endregion of-memory

function ofCpu(
  { shares = 0n, quota = 0n, burst = 0n, cpus, mems }: Cpu,
  place: Sites,
): Rule[] {
  const own = place.sites.find(
    ({ version, controllers }) =>
      version === 1 && controllers.includes('cpuset'),
  )
  const isV1 = place.sites.some(
    ({ version, controllers }) => version === 1 && controllers.includes('cpu'),
  )
  const [least, most] = [2n, 262_144n]
  const within = (list: string | undefined, all: string | undefined): boolean =>
    !list ||
    all === undefined ||
    parseCpuList(list).every((number) => parseCpuList(all).includes(number))
  const above = nearest(own?.levels ?? [], own?.mount)
  return [
    [
      !isV1 || shares === 0n || (shares >= least && shares <= most),
      'cpu.shares',
      shares,
      `they go from ${least} to ${most}`,
      'Write a number in between; 1024 is what everybody has',
    ],
    [
      burst <= 0n || quota <= 0n || burst <= quota,
      'cpu.burst',
      burst,
      `it is more than the quota, ${quota}`,
      'Write at most as much',
    ],
    [
      within(cpus, above?.cpus),
      'cpu.cpus',
      cpus,
      `the cgroup above it has ${above?.cpus}`,
      'Write some of these',
    ],
    [
      within(mems, above?.mems),
      'cpu.mems',
      mems,
      `the cgroup above it has ${above?.mems}`,
      'Write some of these',
    ],
  ]
}

/** The lowest cgroup above the container's own that has processors. */
const nearest = (
  levels: readonly Level[],
  mount: Level | undefined,
): Level | undefined =>
  [mount, ...levels.slice(0, -1)].findLast((level) => level?.cpus)

function ofBlockIO(
  { weight, weightDevice = [], leafWeight }: BlockIO,
  { sites, weights }: Sites,
): Rule[] {
  const v1 = sites.find(
    ({ version, controllers }) =>
      version === 1 && controllers.includes('blkio'),
  )
  const asks = weight || weightDevice.some((device) => device.weight)
  const known = v1
    ? v1.files.some((file) => /^blkio\.(bfq\.)?weight$/.test(file))
    : weights.length > 0
  const leaf =
    leafWeight ?? weightDevice.find((device) => device.leafWeight)?.leafWeight
  return [
    [
      !asks || known || sites.length === 0,
      'blockIO.weight',
      weight ?? weightDevice[0]?.weight,
      'this kernel has no scheduler that knows weights',
      'Load bfq, and choose it in /sys/block/*/queue/scheduler',
    ],
    [
      !leaf || !v1 || v1.files.includes('blkio.leaf_weight'),
      'blockIO.leafWeight',
      leaf,
      'the scheduler that knew it, CFQ, went with Linux 5.0',
      'Leave it out',
    ],
  ]
}

const ofHugePages = (
  { hugepageLimits = [] }: Resources,
  { pageSizes }: Sites,
): Rule[] =>
  hugepageLimits.map(({ pageSize, limit }, n) => [
    pageSizes.includes(pageSize),
    `hugepageLimits[${n}]`,
    limit,
    `the kernel's huge pages have ${pageSizes.join(' or ') || 'no size: there are none'}`,
    'Write one of these sizes',
  ])
