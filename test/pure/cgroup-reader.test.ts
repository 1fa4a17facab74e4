/** Whole machines, put together in a directory: mounts as the kernel writes them, and files below them. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { readEvents } from '../../src/kernel/cgroup-events.ts'
import { readCgroups, SUPERVISORS, type Cgroups } from '../../src/kernel/cgroups.ts'
import { parseMountInfo } from '../../src/kernel/mountinfo.ts'

const top = mkdtempSync(join(tmpdir(), 'cgroup-reader-'))
after(() => rmSync(top, { recursive: true }))

/** A directory with these files in it; a new one each time. */
function place(files: Record<string, string>): string {
  const directory = mkdtempSync(join(top, 'machine-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

/** @param mounts type, place and controllers of each. */
const read = (
  mounts: [type: string, mountPoint: string, options: string][],
  self = '0::/\n',
  mayMake: (path: string) => boolean = () => true,
): Cgroups =>
  readCgroups(
    parseMountInfo(
      mounts.map(([type, point, options]) => `1 1 0:1 / ${point} rw - ${type} x rw,${options}`).join('\n'),
    ),
    self,
    mayMake,
  )

test('readCgroups finds nothing when only other file systems are mounted', () => {
  const { layout, v1, v2, cpuset } = read([['tmpfs', '/sys/fs/cgroup', 'memory']])
  assert.deepEqual([layout, v1, v2, cpuset], ['none', {}, undefined, { cpus: '', mems: '' }])
})

test('readCgroups finds each hierarchy, its cpuset and whether swap is counted when the machine has v1', () => {
  const directory = place({
    'set/cpuset.cpus': '0-3\n',
    'set/cpuset.mems': '0\n',
    'mem/memory.memsw.limit_in_bytes': '1\n',
  })
  const found = read([
    ['cgroup', `${directory}/set`, 'cpuset'],
    ['cgroup', `${directory}/mem`, 'memory'],
    ['cgroup', '/both', 'cpu,cpuacct'],
    ['cgroup', '/io', 'blkio'],
    ['cgroup', '/systemd', 'xattr,name=systemd'],
    ['cgroup', '/other', 'perf_event'],
  ])
  assert.deepEqual(found, {
    layout: 'v1',
    v1: { cpuset: `${directory}/set`, memory: `${directory}/mem`, cpu: '/both', cpuacct: '/both', io: '/io' },
    cpuset: { cpus: '0-3', mems: '0' },
    swap: true,
  })
})

test('readCgroups says that swap is not counted when a v1 machine has no file for it', () => {
  assert.equal(read([['cgroup', place({}), 'memory']]).swap, false)
})

test('readCgroups calls a machine hybrid when it has both, and finds the controllers of the v2 tree', () => {
  const mount = place({ 'cgroup.controllers': 'hugetlb misc\n', 'cgroup.subtree_control': '\n', 'cgroup.procs': '7\n' })
  const { layout, v1, v2 } = read([
    ['cgroup', '/m', 'memory'],
    ['cgroup2', mount, 'nsdelegate'],
  ])
  assert.equal(layout, 'hybrid')
  assert.deepEqual(v1, { memory: '/m' })
  assert.deepEqual(v2, { mount, base: mount, available: ['hugetlb', 'misc'], enabled: [], processes: [] })
})

test('readCgroups calls a machine v2 when its one v1 hierarchy has a name and no controller', () => {
  const mount = place({})
  const { layout } = read([
    ['cgroup', '/systemd', 'name=systemd'],
    ['cgroup2', mount, ''],
  ])
  assert.equal(layout, 'v2')
})

test('readCgroups sees processes in the way when the mount is not the true root of v2', () => {
  const mount = place({
    'cgroup.type': 'domain\n',
    'cgroup.controllers': 'cpu memory pids\n',
    'cgroup.subtree_control': 'pids\n',
    'cgroup.procs': '11\n12\n',
  })
  const expected = { mount, base: mount, available: ['cpu', 'memory', 'pids'], enabled: ['pids'], processes: [11, 12] }
  assert.deepEqual(read([['cgroup2', mount, '']]).v2, expected)
})

const PLACES: [what: string, self: string, base: string][] = [
  ['in one of its own', '1:name=x:/y\n0::/user.slice/mine\n', '/no/mount/user.slice/mine'],
  ['in the leaf that it set itself aside in', `0::/user.slice/${SUPERVISORS}\n`, '/no/mount/user.slice'],
  ['at the root', '0::/\n', '/no/mount/'],
  ['in none of the v2 tree', '1:memory:/x\n', '/no/mount/'],
]
for (const [what, self, base] of PLACES)
  test(`readCgroups starts at ${base} when the mount is not ours to write and this process is ${what}`, () => {
    const mayMake = (path: string): boolean => path !== '/no/mount'
    assert.deepEqual(read([['cgroup2', '/no/mount', '']], self, mayMake).v2, {
      mount: '/no/mount',
      base,
      available: [],
      enabled: [],
      processes: [],
    })
  })

test('readCgroups takes for absent what is not ours to make cgroups in, and says that there is some', () => {
  const mounts: Parameters<typeof read>[0] = [
    ['cgroup', '/cg/memory', 'memory'],
    ['cgroup', '/cg/pids', 'pids'],
    ['cgroup2', '/cg/unified', ''],
  ]
  const none = read(mounts, '0::/mine\n', () => false)
  assert.deepEqual([none.layout, none.v1, none.v2, none.closed], ['none', {}, undefined, true])
  const some = read(mounts, '0::/mine\n', (path) => path === '/cg/pids')
  assert.deepEqual([some.layout, some.v1, some.closed], ['v1', { pids: '/cg/pids' }, true])
  const delegated = read(mounts, '0::/mine\n', (path) => path === '/cg/unified/mine')
  assert.deepEqual([delegated.layout, delegated.v2?.base, delegated.closed], ['v2', '/cg/unified/mine', true])
  assert.equal(read(mounts).closed, undefined)
})

test('readCgroups finds on this machine what its own mounts say', () => {
  const { layout, v1, v2 } = readCgroups()
  assert.equal(v2 !== undefined, layout === 'v2' || layout === 'hybrid')
  assert.equal(Object.keys(v1).length > 0, layout === 'v1' || layout === 'hybrid')
})

test('readEvents reads all four when the cgroup is one of v2', () => {
  const directory = place({
    'memory.events': 'low 0\nhigh 0\nmax 15\noom 3\noom_kill 2\noom_group_kill 0\n',
    'pids.events': 'max 4\n',
    'memory.peak': '67108864\n',
    'cpu.stat': 'usage_usec 1\nnr_periods 9\nnr_throttled 6\nthrottled_usec 5\n',
  })
  const expected = { oomKills: 2, forksRefused: 4, memoryPeak: 67108864, throttled: 6 }
  assert.deepEqual(readEvents([directory]), expected)
  assert.deepEqual(readEvents([place({}), directory]), expected)
})

test('readEvents reads all four when the cgroups are those of v1', () => {
  const directories = [
    { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n', 'memory.max_usage_in_bytes': '4096\n' },
    { 'pids.events': 'max 7\n' },
    { 'cpu.stat': 'nr_periods 0\nnr_throttled 3\nthrottled_time 0\n' },
  ].map(place)
  assert.deepEqual(readEvents(directories), { oomKills: 1, forksRefused: 7, memoryPeak: 4096, throttled: 3 })
})

test('readEvents gives zeros when there is no file, or its file has no such key', () => {
  const nothing = { oomKills: 0, forksRefused: 0, memoryPeak: 0, throttled: 0 }
  assert.deepEqual(readEvents([]), nothing)
  assert.deepEqual(readEvents([place({ 'cpu.stat': 'usage_usec 1\n', 'memory.events': 'oom 1\n' })]), nothing)
})
