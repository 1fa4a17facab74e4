/** The runtime's cgroups on machines of every kind: what is made, handed down, inherited and entered; and places that are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupsOf, containerCgroups } from '../../src/box/container/cgroups.ts'
import { containerCgroupView } from '../../src/box/container/cgroup-view.ts'
import { containerDeviceAccess } from '../../src/box/container/device-access.ts'
import { deviceList, line } from '../../src/box/container/device-list.ts'
import type { CgroupPlace } from '../../src/kernel/cgroups.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { DeviceRule, Resources } from '../../src/oci/resources.ts'
import type { Spec } from '../../src/oci/spec.ts'
import { plan, type Wall } from '../../src/plan/plan.ts'
import { machineWith, place, v1, v2 } from './sites.ts'
import { told } from './told.ts'

const spec = (resources: Resources = {}, more: Partial<Spec> = {}): Spec => {
  const made = defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'] })
  return { ...made, ...more, linux: { ...made.linux, namespaces: [], ...more.linux, resources } }
}

const steps = (where: CgroupPlace, resources: Resources = {}, wall: Wall = containerCgroups): string[] =>
  told(wall.steps(spec(resources), machineWith(where)))

const way = (directory: string): string =>
  `host mkdir(${directory}, 0755) fine EEXIST undo rmdir(${directory}) fine EBUSY ENOENT ENOTEMPTY`
const own = (directory: string): string => `host mkdir(${directory}, 0755) undo remove_cgroup(${directory})`
const enter = (directory: string): string => `box write(${directory}/tasks, 0)`
const down = (directory: string, name: string): string =>
  `host write(${directory}/cgroup.subtree_control, +${name}) fine EBUSY EINVAL ENOENT ENODEV EOPNOTSUPP EPERM EACCES`
const needed = (directory: string, names: string): string => `host write(${directory}/cgroup.subtree_control, ${names})`
const write = (file: string, value: string): string => `host write(${file}, ${value})`

test('containerCgroups makes a whole path in every hierarchy of version 1, and inherits what a cpuset needs', () => {
  assert.deepEqual(steps(place([v1('memory'), v1('cpuset'), v1('name=systemd')]), { cpu: { cpus: '1' } }), [
    way('/cg/memory/a'),
    own('/cg/memory/a/b'),
    way('/cg/cpuset/a'),
    write('/cg/cpuset/a/cpuset.cpus', '0-3'),
    write('/cg/cpuset/a/cpuset.mems', '0'),
    own('/cg/cpuset/a/b'),
    write('/cg/cpuset/a/b/cpuset.mems', '0'),
    way('/cg/systemd/a'),
    own('/cg/systemd/a/b'),
    write('/cg/cpuset/a/b/cpuset.cpus', '1'),
    enter('/cg/memory/a/b'),
    enter('/cg/cpuset/a/b'),
    enter('/cg/systemd/a/b'),
  ])
})

test('containerCgroups takes a cpuset from the nearest that has one, and leaves alone what is there', () => {
  const levels = [
    { directory: '/cg/cpuset/a', there: true, cpus: '2', mems: '0' },
    { directory: '/cg/cpuset/a/b', there: true, cpus: '', mems: '' },
  ]
  assert.deepEqual(steps(place([v1('cpuset', '/a/b', { levels })])), [
    'host mkdir(/cg/cpuset/a, 0755) fine EEXIST',
    write('/cg/cpuset/a/b/cpuset.cpus', '2'),
    write('/cg/cpuset/a/b/cpuset.mems', '0'),
    enter('/cg/cpuset/a/b'),
  ])
})

test('containerCgroups hands controllers down along the whole path of version 2, and has the container born there', () => {
  const controllers = ['memory', 'cpu', 'pids']
  const tree = v2(['memory'], '/a/b', {
    controllers,
    mount: { directory: '/cg', there: true, controllers, enabled: ['memory'], occupied: false },
  })
  assert.deepEqual(steps(place([tree]), { memory: { limit: 4096n }, pids: { limit: 3n } }), [
    needed('/cg', '+pids'),
    down('/cg', 'cpu'),
    way('/cg/a'),
    needed('/cg/a', '+memory +pids'),
    down('/cg/a', 'cpu'),
    own('/cg/a/b'),
    write('/cg/a/b/pids.max', '3'),
    write('/cg/a/b/memory.max', '4096'),
    'host clone_into_cgroup(/cg/a/b)',
  ])
})

test('containerCgroups hands down in a hybrid machine’s tree only what a limit needs', () => {
  const tree = v2([], '/a', { controllers: ['hugetlb', 'pids'] })
  const where = place([v1('memory', '/a'), tree])
  assert.deepEqual(steps(where), [
    own('/cg/memory/a'),
    own('/cg/a'),
    enter('/cg/memory/a'),
    'host clone_into_cgroup(/cg/a)',
  ])
  assert.ok(steps(where, { pids: { limit: 1n } }).includes(needed('/cg', '+pids')))
})

const REFUSED: [name: string, where: CgroupPlace, message: RegExp][] = [
  ['it is the root of a hierarchy', place([v1('memory', '/a', { directory: '/cg/memory', levels: [] })]), /all that/],
  ['somebody lives in it', place([v1('memory', '/a', { processes: 2 })]), /2 processes live in it/],
  ['it is frozen', place([v1('memory', '/a', { frozen: true })]), /it is frozen/],
  ['it was asked for and is not ours', place([v1('memory', '/a', { writable: false })]), /"\/cg\/memory" is not ours/],
  [
    'a parent has processes of its own',
    place([
      v2(['memory', 'pids'], '/a/b', {
        levels: [
          { directory: '/cg/a', there: true, type: 'domain', enabled: [], occupied: true },
          { directory: '/cg/a/b', there: false },
        ],
      }),
    ]),
    /"\/cg\/a" has processes of its own, so it cannot hand down memory/,
  ],
  [
    'a parent is threaded',
    place([v2(['memory'], '/a', { levels: [{ directory: '/cg/a', there: true, type: 'threaded' }] })]),
    /"\/cg\/a" is threaded/,
  ],
]
for (const [name, where, message] of REFUSED)
  test(`containerCgroups refuses a cgroup when ${name}`, () => {
    assert.throws(() => steps(where, { memory: { limit: 1n } }), /^\w*Error: Cannot \S+ .+\n {2}\S/)
    assert.throws(() => steps(where, { memory: { limit: 1n } }), message)
  })

test('containerCgroups does without cgroups that are not ours when nobody asked for them, unless a limit needs one', () => {
  const where = place([v1('memory', '/a', { writable: false }), v1('pids', '/a')], { asked: false })
  assert.deepEqual(steps(where), [own('/cg/pids/a'), enter('/cg/pids/a')])
  assert.throws(
    () => steps(where, { memory: { limit: 1n } }),
    /memory\.limit to "1": .* no memory controller that is ours/,
  )
})

test('cgroupsOf finds the directory in each hierarchy when one was there before', () => {
  const levels = [{ directory: '/cg/memory/a', there: true }]
  const made = plan(
    spec(),
    [containerCgroups],
    machineWith(place([v2([], '/a'), v1('memory', '/a', { levels }), v1('pids', '/a')])),
  )
  assert.deepEqual(cgroupsOf(made), ['/cg/a', '/cg/memory/a', '/cg/pids/a'])
})

const rules = (rules: DeviceRule[]): string => {
  const { allow, exceptions } = deviceList(rules)
  return [allow ? 'all but' : 'none but', ...exceptions.map(line)].join(', ')
}
const RULES: [name: string, rules: DeviceRule[], list: string][] = [
  ['nothing', [], 'none but'],
  ['everything', [{ allow: true, access: 'rwm' }], 'all but'],
  [
    'access bit by bit',
    [
      { allow: true, type: 'c', major: 1, minor: 3, access: 'm' },
      { allow: true, type: 'c', major: 1, minor: 3, access: 'r' },
    ],
    'none but, c 1:3 rm',
  ],
  ['a kind of access to all', [{ allow: true, type: 'a', access: 'r' }], 'none but, b *:* r, c *:* r'],
  ['numbers below zero', [{ allow: true, type: 'b', major: 8, minor: -1 }], 'none but, b 8:* rwm'],
  [
    'a device that is denied again',
    [
      { allow: true, type: 'c', major: 1, minor: 3 },
      { allow: false, type: 'c', major: 1, access: 'w' },
    ],
    'none but, c 1:3 rm',
  ],
  ['everything but one', [{ allow: true }, { allow: false, type: 'b', major: 8, minor: 0 }], 'all but, b 8:0 rwm'],
  [
    'what a later "all" takes back',
    [
      { allow: true, type: 'c', major: 1 },
      { allow: false, type: 'a' },
    ],
    'none but',
  ],
]
for (const [name, given, list] of RULES)
  test(`deviceList works out "${list}" when the rules are about ${name}`, () => assert.equal(rules(given), list))

test('deviceList refuses a rule that takes a piece out of a wider one', () => {
  const wide: DeviceRule = { allow: true, type: 'c', major: 1, access: 'rw' }
  assert.throws(
    () => rules([wide, { allow: false, type: 'c', major: 1, minor: 3, access: 'r' }]),
    /a piece out of "c 1:\* rw"/,
  )
  assert.doesNotThrow(() => rules([wide, { allow: false, type: 'c', major: 1, minor: 3, access: 'm' }]))
})

test('containerDeviceAccess tells version 1 a list, and version 2 a program', () => {
  const devices = [{ allow: false }, { allow: true, type: 'c' as const, major: 10, minor: 229, access: 'rw' }]
  const listed = steps(place([v1('devices', '/a'), v2([], '/a')]), { devices }, containerDeviceAccess)
  assert.deepEqual(listed.slice(0, 3), [
    write('/cg/devices/a/devices.deny', 'a'),
    write('/cg/devices/a/devices.allow', 'c 10:229 rw'),
    write('/cg/devices/a/devices.allow', 'c *:* m'),
  ])
  assert.equal(listed.length, 12)
  const programmed = steps(place([v2([], '/a')]), { devices }, containerDeviceAccess)
  assert.deepEqual(
    programmed.map((step) => step.replace(/\d+ bytes/, 'n bytes')),
    ['host bpf_prog_load(#63, n bytes)', 'host bpf_prog_attach(#63, /cg/a)'],
  )
})

const viewed = (where: CgroupPlace, options: string[], namespaces: Spec['linux']['namespaces'] = []): string[] => {
  const made = spec({}, { mounts: [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options }] })
  const asked = { ...made, linux: { ...made.linux, namespaces } }
  return told(containerCgroupView.steps(asked, machineWith(where))).map((step) =>
    step.replaceAll('/sys/fs/cgroup', '~'),
  )
}
const SAFE = 'MS_NODEV|MS_NOEXEC|MS_NOSUID'

test('containerCgroupView mounts a directory for each hierarchy of version 1 when there is a cgroup namespace', () => {
  const where = place([v1('cpu,cpuacct', '/a'), v1('name=systemd', '/a'), v2([], '/a')])
  assert.deepEqual(viewed(where, ['nosuid', 'noexec', 'nodev', 'ro'], [{ type: 'cgroup' }]), [
    `box mount(tmpfs, ~, tmpfs, ${SAFE}, mode=755)`,
    'box mkdir(~/cpu,cpuacct, 0755)',
    `box mount(cgroup, ~/cpu,cpuacct, cgroup, ${SAFE}|MS_RDONLY, cpu,cpuacct)`,
    'box symlink(cpu,cpuacct, ~/cpu)',
    'box symlink(cpu,cpuacct, ~/cpuacct)',
    'box mkdir(~/systemd, 0755)',
    `box mount(cgroup, ~/systemd, cgroup, ${SAFE}|MS_RDONLY, none,name=systemd)`,
    `box mount(tmpfs, ~, '', ${SAFE}|MS_RDONLY|MS_REMOUNT, mode=755)`,
  ])
})

test('containerCgroupView binds the container’s own cgroups when it has no cgroup namespace', () => {
  assert.deepEqual(viewed(place([v1('memory', '/a')]), ['nosuid']), [
    'box mount(tmpfs, ~, tmpfs, MS_NOSUID, mode=755)',
    'box mkdir(~/memory, 0755)',
    "box mount(/cg/memory/a, ~/memory, '', MS_BIND|MS_REC, '')",
    `box mount(none, ~/memory, '', MS_BIND|${SAFE}|MS_REMOUNT, '')`,
  ])
})

test('containerCgroupView mounts the tree of version 2, or binds it when a user namespace has no cgroup namespace', () => {
  const where = place([v2([], '/a')])
  assert.deepEqual(viewed(where, ['nosuid', 'ro']), ["box mount(cgroup, ~, cgroup2, MS_NOSUID|MS_RDONLY, '')"])
  assert.deepEqual(viewed(where, ['nosuid', 'ro'], [{ type: 'user' }, { type: 'cgroup' }]), [
    "box mount(cgroup, ~, cgroup2, MS_NOSUID|MS_RDONLY, '')",
  ])
  assert.deepEqual(viewed(where, ['nosuid', 'ro'], [{ type: 'user' }]), [
    "box mount(/cg, ~, '', MS_BIND|MS_REC, '')",
    "box mount(none, ~, '', MS_BIND|MS_NOSUID|MS_RDONLY|MS_REMOUNT, '')",
  ])
})

const divided = (where: CgroupPlace, options: string[], more: Partial<Spec['linux']> = {}): string[] => {
  const mounts = [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options }]
  const linux = { ...spec().linux, namespaces: [{ type: 'user' as const }, { type: 'cgroup' as const }], ...more }
  const uidMappings = [
    { containerID: 5, hostID: 9, size: 1 },
    { containerID: 0, hostID: 1000, size: 5 },
  ]
  const asked = spec({}, { mounts, linux: { ...linux, uidMappings } })
  return told(containerCgroups.steps(asked, machineWith(where))).filter((step) => step.includes('lchown'))
}
const given = (name: string): string => `host lchown(/cg/a/b${name}, 1000, -1) fine ENOENT`

test('a container’s root owns its cgroup of version 2 when it has a cgroup namespace of its own and may write there', () => {
  const usual = ['', '/cgroup.procs', '/cgroup.subtree_control', '/cgroup.threads'].map(given)
  assert.deepEqual(divided(place([v2()]), ['nosuid']), usual)
  const listed = place([v2()], { delegated: ['cgroup.procs', 'memory.reclaim'] })
  assert.deepEqual(divided(listed, ['rw']), ['', '/cgroup.procs', '/memory.reclaim'].map(given))
})

test('a cgroup stays its maker’s when it is shown to be read, or as a part of the host’s tree, or of version 1', () => {
  assert.deepEqual(divided(place([v2()]), ['ro']), [])
  assert.deepEqual(divided(place([v2()]), [], { namespaces: [{ type: 'user' }] }), [])
  assert.deepEqual(divided(place([v2()]), [], { namespaces: [{ type: 'user' }, { type: 'cgroup', path: '/p' }] }), [])
  assert.deepEqual(divided(place([v1('memory'), v2()]), []), [])
})
