/** What the resources of a `config.json` have to be: config-linux.md §control-groups, cgroups(7), and what the kernel's files take. `update` reads them too. */
import { emptyOr, fileName, int64, major, minor, numbers, uint32, uint64 } from './checks.ts'
import { flag, integer, list, object, oneOf, table, text, type Check, type Rule } from './rule.ts'

/** -1 is no limit. */
const limit = int64([(value) => value >= -1n, 'it is a number of bytes, or -1 for no limit'])

const memory = object(
  {
    limit,
    reservation: limit,
    swap: limit,
    kernel: limit,
    kernelTCP: limit,
    swappiness: integer(0, 100),
    disableOOMKiller: flag,
    useHierarchy: flag,
    checkBeforeUpdate: flag,
  },
  [],
  [
    ({ limit = 0n, swap = 0n }) => Number(swap) <= 0 || (swap as bigint) >= (limit as bigint),
    'swap is memory and swap together, and below limit',
  ],
)

/** sched(7), "Group scheduling", and `__cfs_schedulable` of the kernel's: 1 millisecond is the least, 1 second the longest period. */
const cpu = object(
  {
    shares: uint64(),
    quota: int64([(value) => value <= 0n || value >= 1000n, 'the kernel gives nothing below 1000 microseconds']),
    period: uint64([
      (value) => value === 0n || (value >= 1000n && value <= 1_000_000n),
      'it goes from 1000 to 1000000 microseconds',
    ]),
    burst: uint64(),
    realtimeRuntime: int64(),
    realtimePeriod: uint64(),
    cpus: text(emptyOr(numbers)),
    mems: text(emptyOr(numbers)),
    idle: integer(0, 1),
  },
  [],
  [
    ({ quota = 0n, burst = 0n }) => Number(quota) <= 0 || (burst as bigint) <= (quota as bigint),
    'burst is above quota',
  ],
  [
    ({ realtimeRuntime = 0n, realtimePeriod = 0n }) =>
      realtimePeriod === 0n || (realtimeRuntime as bigint) <= (realtimePeriod as bigint),
    'realtimeRuntime is above realtimePeriod',
  ],
)

const weight = integer(0, 0xffff, [(value) => value <= 1000, 'it goes up to 1000'])

const throttles = list(object({ major, minor, rate: uint64() }, ['major', 'minor', 'rate']))

const blockIO = object({
  weight,
  leafWeight: weight,
  weightDevice: list(
    object(
      { major, minor, weight, leafWeight: weight },
      ['major', 'minor'],
      [
        ({ weight, leafWeight }) => weight !== undefined || leafWeight !== undefined,
        'it has neither weight nor leafWeight',
      ],
    ),
  ),
  throttleReadBpsDevice: throttles,
  throttleWriteBpsDevice: throttles,
  throttleReadIOPSDevice: throttles,
  throttleWriteIOPSDevice: throttles,
})

/** -1 stands for any, as nothing does. */
const number = integer(-1, 2 ** 32 - 1)

const device = object(
  {
    allow: flag,
    type: oneOf(['', 'a', 'b', 'c']),
    major: number,
    minor: number,
    access: text([(value) => /^[rwm]*$/.test(value), 'it is made of r, w and m']),
  },
  ['allow'],
)

const word: Check<string> = [(value) => /^\S+$/.test(value), 'it is not one word']

// #region resources
export const resources: Rule = object({
  memory,
  cpu,
  pids: object({ limit: int64() }, ['limit']),
  devices: list(device),
  blockIO,
  hugepageLimits: list(
    object(
      {
        pageSize: text([(value) => /^[1-9]\d*[KMG]B$/.test(value), 'it is no size of a page', 'Write it as 2MB']),
        limit: uint64(),
      },
      ['pageSize', 'limit'],
    ),
  ),
  network: object({
    classID: uint32(),
    priorities: list(object({ name: text(word), priority: uint32() }, ['name', 'priority'])),
  }),
  rdma: table(
    object(
      { hcaHandles: uint32(), hcaObjects: uint32() },
      [],
      [
        ({ hcaHandles, hcaObjects }) => hcaHandles !== undefined || hcaObjects !== undefined,
        'it has neither hcaHandles nor hcaObjects',
      ],
    ),
    word,
  ),
  unified: table(text(), fileName, [
    (name) => /^\w+\.\S+$/.test(name),
    'it is not a file of a controller, such as memory.max',
  ]),
})
// #endregion resources
