/** Each wish of `linux.resources` in the words of both versions, and those that a machine cannot grant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from '../../src/box/container/limits.ts'
import { swapAlone, weightOfBlkio, weightOfShares } from '../../src/box/container/resource-weights.ts'
import type { CgroupPlace } from '../../src/kernel/cgroups.ts'
import type { Resources } from '../../src/oci/resources.ts'
import { ALL_V1, place, v1, v2 } from './sites.ts'

const onV1 = place(ALL_V1.map((name) => v1(name)))
const onV2 = place([v2()], { weights: ['cost'] })

const written = (resources: Resources, where: CgroupPlace): string =>
  limitsOf(resources, where)
    .map(({ file, value, fine }) => `${file}=${value}${fine ? '?' : ''}`)
    .join('; ')

const [device, other] = [
  { major: 8, minor: 0 },
  { major: 8, minor: 16 },
]
const MOST = (1n << 63n) - 1n

/** A wish, and what it comes to in each; a line that may be missed ends with a question mark, and "no" is a refusal. */
const TABLE: [name: string, resources: Resources, inV1: string, inV2: string][] = [
  ['nothing', {}, '', ''],
  ['memory', { memory: { limit: 64n << 20n } }, 'memory.limit_in_bytes=67108864', 'memory.max=67108864'],
  ['memory of 2^63 − 1', { memory: { limit: MOST } }, `memory.limit_in_bytes=${MOST}`, `memory.max=${MOST}`],
  [
    'memory and swap',
    { memory: { limit: 1000n, swap: 3000n } },
    'memory.limit_in_bytes=1000; memory.memsw.limit_in_bytes=3000',
    'memory.swap.max=2000; memory.max=1000',
  ],
  [
    'no swap',
    { memory: { limit: 1000n, swap: 1000n } },
    'memory.limit_in_bytes=1000; memory.memsw.limit_in_bytes=1000',
    'memory.swap.max=0?; memory.max=1000',
  ],
  [
    'memory without a limit',
    { memory: { limit: -1n } },
    'memory.memsw.limit_in_bytes=-1; memory.limit_in_bytes=-1',
    'memory.swap.max=max?; memory.max=max',
  ],
  [
    'swap without a limit',
    { memory: { limit: 1000n, swap: -1n } },
    'memory.memsw.limit_in_bytes=-1; memory.limit_in_bytes=1000',
    'memory.swap.max=max?; memory.max=1000',
  ],
  [
    'zeros',
    { memory: { limit: 0n, swap: 0n }, pids: { limit: 0n }, cpu: { shares: 0n, quota: 0n, period: 0n } },
    '',
    '',
  ],
  ['a reservation', { memory: { reservation: 512n } }, 'memory.soft_limit_in_bytes=512', 'memory.low=512'],
  ['kernel memory', { memory: { kernel: 1n, kernelTCP: 1n } }, 'memory.kmem.tcp.limit_in_bytes=1?', ''],
  ['swappiness', { memory: { swappiness: 0 } }, 'memory.swappiness=0', 'no'],
  ['no killer', { memory: { disableOOMKiller: true } }, 'memory.oom_control=1', 'no'],
  ['a killer', { memory: { disableOOMKiller: false } }, '', ''],
  ['shares', { cpu: { shares: 1024n } }, 'cpu.shares=1024', 'cpu.weight=100'],
  ['a quota', { cpu: { quota: 50_000n } }, 'cpu.cfs_quota_us=50000', 'cpu.max=50000 100000'],
  [
    'a quota and a period',
    { cpu: { quota: 5000n, period: 20_000n } },
    'cpu.cfs_period_us=20000; cpu.cfs_quota_us=5000',
    'cpu.max=5000 20000',
  ],
  ['a period', { cpu: { period: 20_000n } }, 'cpu.cfs_period_us=20000', 'cpu.max=max 20000'],
  ['no quota', { cpu: { quota: -1n } }, 'cpu.cfs_quota_us=-1', 'cpu.max=max 100000'],
  [
    'a burst',
    { cpu: { quota: 5000n, burst: 5000n } },
    'cpu.cfs_quota_us=5000; cpu.cfs_burst_us=5000',
    'cpu.max=5000 100000; cpu.max.burst=5000',
  ],
  ['idle', { cpu: { idle: 1, shares: 2n } }, 'cpu.shares=2; cpu.idle=1', 'cpu.weight=1; cpu.idle=1'],
  ['not idle', { cpu: { idle: 0 } }, 'cpu.idle=0?', 'cpu.idle=0?'],
  [
    'processors',
    { cpu: { cpus: '0-1,3', mems: '0' } },
    'cpuset.cpus=0-1,3; cpuset.mems=0',
    'cpuset.cpus=0-1,3; cpuset.mems=0',
  ],
  [
    'real time',
    { cpu: { realtimePeriod: 1000n, realtimeRuntime: 950n } },
    'cpu.rt_period_us=1000; cpu.rt_runtime_us=950',
    'no',
  ],
  ['processes', { pids: { limit: 32n } }, 'pids.max=32', 'pids.max=32'],
  ['processes without a limit', { pids: { limit: -1n } }, 'pids.max=max', 'pids.max=max'],
  ['a weight', { blockIO: { weight: 500 } }, 'blkio.bfq.weight=500', 'io.weight=4950'],
  [
    'weights of devices',
    { blockIO: { weightDevice: [{ ...device, weight: 10 }] } },
    'blkio.bfq.weight_device=8:0 10',
    'io.weight=8:0 1',
  ],
  ['a weight of leaves', { blockIO: { leafWeight: 500 } }, 'no', 'no'],
  [
    'throttles',
    {
      blockIO: {
        throttleReadBpsDevice: [{ ...device, rate: 1n }],
        throttleWriteBpsDevice: [{ ...device, rate: 2n }],
        throttleReadIOPSDevice: [{ ...other, rate: 3n }],
        throttleWriteIOPSDevice: [{ ...other, rate: 0n }],
      },
    },
    'blkio.throttle.read_bps_device=8:0 1; blkio.throttle.write_bps_device=8:0 2; blkio.throttle.read_iops_device=8:16 3; blkio.throttle.write_iops_device=8:16 0',
    'io.max=8:0 rbps=1; io.max=8:0 wbps=2; io.max=8:16 riops=3; io.max=8:16 wiops=max',
  ],
  [
    'huge pages',
    { hugepageLimits: [{ pageSize: '2MB', limit: 4n << 20n }] },
    'hugetlb.2MB.limit_in_bytes=4194304; hugetlb.2MB.rsvd.limit_in_bytes=4194304?',
    'hugetlb.2MB.max=4194304; hugetlb.2MB.rsvd.max=4194304?',
  ],
  ['a class', { network: { classID: 1048577 } }, 'net_cls.classid=1048577', 'no'],
  [
    'priorities',
    { network: { classID: 0, priorities: [{ name: 'eth0', priority: 5 }] } },
    'net_prio.ifpriomap=eth0 5',
    'no',
  ],
  [
    'rdma',
    { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10_000 }, rxe3: { hcaObjects: 1 } } },
    'rdma.max=mlx5_1 hca_handle=3 hca_object=10000; rdma.max=rxe3 hca_object=1',
    'rdma.max=mlx5_1 hca_handle=3 hca_object=10000; rdma.max=rxe3 hca_object=1',
  ],
  [
    'files of version 2',
    { memory: { limit: 1n << 20n }, unified: { 'memory.high': '900000', 'io.max': '8:0 rbps=1\n8:16 wbps=2\n' } },
    'no',
    'memory.max=1048576; memory.high=900000; io.max=8:0 rbps=1; io.max=8:16 wbps=2',
  ],
]

for (const [name, resources, inV1, inV2] of TABLE)
  for (const [version, where, expected] of [
    [1, onV1, inV1],
    [2, onV2, inV2],
  ] as const)
    test(`limitsOf ${expected === 'no' ? 'refuses' : 'writes'} ${name} when cgroups are version ${version}`, () => {
      if (expected === 'no')
        assert.throws(() => limitsOf(resources, where), /^\w+: Cannot set linux\.resources\.\S+ to ".+": .+\n {2}\S/)
      else assert.equal(written(resources, where), expected)
    })

test('limitsOf uses the scheduler’s own file, and version 1’s numbers, when BFQ has weights in version 2', () => {
  const blockIO = { weight: 500, weightDevice: [{ ...device, weight: 10 }] }
  const where = place([v2()], { weights: ['bfq', 'cost'] })
  assert.equal(written({ blockIO }, where), 'io.bfq.weight=500; io.bfq.weight=8:0 10')
})

test('limitsOf puts each wish where its controller is when a machine is hybrid', () => {
  const tree = v2([], '/a/b', { controllers: ['hugetlb', 'io', 'memory'] })
  const where = place([v1('memory'), v1('blkio'), v1('cpu'), tree])
  const resources = {
    memory: { limit: 4096n },
    cpu: { shares: 512n },
    blockIO: { throttleReadBpsDevice: [{ ...device, rate: 1n }] },
    hugepageLimits: [{ pageSize: '2MB', limit: 0n }],
    unified: { 'hugetlb.1GB.max': '0', 'cgroup.max.depth': '3' },
  }
  assert.deepEqual(
    limitsOf(resources, where).map(({ site, file }) => `${site.directory}/${file}`),
    [
      '/cg/memory/a/b/memory.limit_in_bytes',
      '/cg/cpu/a/b/cpu.shares',
      '/cg/blkio/a/b/blkio.throttle.read_bps_device',
      '/cg/a/b/hugetlb.2MB.max',
      '/cg/a/b/hugetlb.2MB.rsvd.max',
      '/cg/a/b/hugetlb.1GB.max',
      '/cg/a/b/cgroup.max.depth',
    ],
  )
  assert.throws(
    () => limitsOf({ unified: { 'memory.max': '1' } }, where),
    /unified\["memory\.max"\] to "1": .* no memory/,
  )
})

const REFUSED: [resources: Resources, where: CgroupPlace, message: RegExp][] = [
  [{ memory: { swap: 1n } }, onV2, /memory\.swap to "1": .* no limit on memory/],
  [{ memory: { limit: 2n, swap: 1n } }, onV1, /memory\.swap to "1": .* may be 2/],
  [{ cpu: { shares: 1n } }, onV1, /cpu\.shares to "1": they go from 2 to 262144/],
  [{ cpu: { shares: 262_145n } }, onV1, /cpu\.shares/],
  [{ cpu: { quota: 2000n, burst: 2001n } }, onV2, /cpu\.burst to "2001": .* 2000/],
  [{ cpu: { cpus: '0-9' } }, onV1, /cpu\.cpus to "0-9": the cgroup above it has 0-3/],
  [{ cpu: { mems: '1' } }, onV1, /cpu\.mems to "1": the cgroup above it has 0/],
  [{ cpu: { cpus: '3-1' } }, onV1, /"3-1": it is no list of processors/],
  [{ blockIO: { weight: 100 } }, place([v2()]), /blockIO\.weight to "100": .* no scheduler/],
  [{ hugepageLimits: [{ pageSize: '64KB', limit: 1n }] }, onV2, /hugepageLimits\[0\] to "1": .* 2MB or 1GB/],
  [{ memory: { limit: 1n } }, place([v1('cpu')]), /memory\.limit to "1": .* no memory controller/],
  [{ memory: { limit: 1n } }, place([]), /memory\.limit/],
  [{ unified: { 'misc.max': 'x' } }, onV2, /unified\["misc\.max"\] to "x": .* no misc controller/],
  [{ unified: { 'memory.max': '1' } }, onV1, /version 2, which is not mounted/],
]
for (const [resources, where, message] of REFUSED)
  test(`limitsOf names the field when ${JSON.stringify(resources, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))} cannot be`, () => {
    assert.throws(() => limitsOf(resources, where), message)
  })

test('weights keep both ends and the default when they go from version 1 to 2', () => {
  assert.deepEqual([1n, 2n, 512n, 1024n, 2048n, 262_144n, 1n << 40n].map(weightOfShares), [
    1n,
    1n,
    59n,
    100n,
    174n,
    10_000n,
    10_000n,
  ])
  assert.deepEqual([10, 500, 1000].map(weightOfBlkio), [1, 4950, 10_000])
})

test('swapAlone takes memory away from both when there is a limit on each', () => {
  const pairs: [bigint | undefined, bigint | undefined, bigint | undefined][] = [
    [5n, 7n, 2n],
    [5n, 5n, 0n],
    [5n, -1n, -1n],
    [-1n, 7n, 7n],
    [-1n, undefined, -1n],
    [5n, undefined, undefined],
    [undefined, 0n, undefined],
  ]
  for (const [limit, both, alone] of pairs) assert.equal(swapAlone(limit, both), alone)
})
