/** The walls of the runtime, decided with no privilege: which options there are, which steps a plan gets, in which lane. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerDevices } from '../../src/box/container/devices.ts'
import { containerMounts } from '../../src/box/container/mounts.ts'
import { containerNamespaces } from '../../src/box/container/namespaces.ts'
import { OPTIONS, wordsOf } from '../../src/box/container/options.ts'
import { containerPivot, containerRoot } from '../../src/box/container/root.ts'
import type { Around } from '../../src/box/container/surroundings.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { landlockOf } from '../../src/oci/landlock.ts'
import type { Mount, Spec } from '../../src/oci/spec.ts'
import type { Wall } from '../../src/plan/plan.ts'
import { plan } from '../../src/plan/plan.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const around: Around = {
  root: '/b/rootfs',
  kinds: { '/b/rootfs': 'directory', '/src': 'directory', '/file': 'file', '/none': 'missing' },
  devices: { '/dev/null': { type: 'c', major: 1, minor: 3 } },
  namespaces: { '/ns/net': 'net', '/ns/pid': 'pid', '/ns/user': 'user', '/ns/mnt': 'mnt' },
  isOpen: true,
  mountPoint: '/b',
  shown: ['/proc', '/sys'],
  maker: { uid: 0, gid: 0, mayMount: true },
}
const spec: Spec = {
  ...defaultSpec({ id: 'x', rootfs: '/b/rootfs', args: ['true'] }),
  mounts: [],
}
const linux = (changed: Partial<Spec['linux']>): Spec => ({ ...spec, linux: { ...spec.linux, ...changed } })
const steps = (wall: Wall, wanted: Spec): string[] => told(wall.steps(wanted, machines.none))
const withUsers = (more: Partial<Spec['linux']> = {}): Spec =>
  linux({
    namespaces: [{ type: 'user' }, { type: 'mount' }],
    uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
    gidMappings: [{ containerID: 0, hostID: 2000, size: 10 }],
    ...more,
  })

const WORDS = `async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec
noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec
rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave
rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap`

test('every option of the specification is understood, and none of them is data', () => {
  for (const word of WORDS.split(/\s+/)) {
    assert.ok(OPTIONS.includes(word), word)
    assert.equal(wordsOf([word]).data, '', word)
  }
})

test('what is not understood goes to the file system, in its order', () => {
  assert.equal(wordsOf(['ro', 'size=1m', 'rfoo', 'nosuid', 'mode=755']).data, 'size=1m,rfoo,mode=755')
})

const NAMESPACES: Record<string, [spec: Spec, steps: string[]]> = {
  'there are none': [linux({ namespaces: [] }), ['box sethostname(box)']],
  'all are joined': [
    linux({
      namespaces: [
        { type: 'mount', path: '/ns/mnt' },
        { type: 'network', path: '/ns/net' },
        { type: 'pid', path: '/ns/pid' },
      ],
    }),
    [
      'host setns(/ns/pid, CLONE_NEWPID)',
      'box setns(/ns/net, CLONE_NEWNET)',
      'box setns(/ns/mnt, CLONE_NEWNS)',
      'box sethostname(box)',
    ],
  ],
  'somebody else’s is joined before there are users': [
    withUsers({ namespaces: [{ type: 'user' }, { type: 'network', path: '/ns/net' }] }),
    [
      'host setns(/ns/net, CLONE_NEWNET)',
      'host unshare(CLONE_NEWUSER)',
      'host write(/proc/{box}/uid_map, 0 1000 10)',
      'host write(/proc/{box}/gid_map, 0 2000 10)',
      'box setgroups([])',
      'box setgid(0)',
      'box setuid(0)',
      'box sethostname(box)',
    ],
  ],
  'clocks are its own': [
    linux({ namespaces: [{ type: 'time' }], timeOffsets: { boottime: { secs: -5n }, monotonic: { nanosecs: 7 } } }),
    [
      'box unshare(CLONE_NEWTIME)',
      'box write(/proc/self/timens_offsets, "boottime -5 0\\nmonotonic 0 7\\n")',
      'box setns(/proc/self/ns/time_for_children, CLONE_NEWTIME)',
      'box sethostname(box)',
    ],
  ],
}
for (const [when, [wanted, expected]] of Object.entries(NAMESPACES))
  test(`namespaces are asked for in an order that the kernel takes when ${when}`, () =>
    assert.deepEqual(steps(containerNamespaces(around), { ...wanted, hostname: 'box' }), expected))

test('numbers are lent by helpers when the maker is not root, and has more than one', () => {
  const maker = { uid: 1000, gid: 1000, mayMount: false }
  const lent = steps(containerNamespaces({ ...around, maker }), withUsers())
  assert.ok(lent.some((step) => step.startsWith('host run(/usr/bin/newuidmap, newuidmap {box} 0 1000 10,')))
  assert.ok(!lent.some((step) => step.includes('setgroups')))
})

const bind = (source: string, ...options: string[]): Mount => ({ destination: '/d/e', type: 'bind', source, options })
const mounted = (wanted: Spec, ...mounts: Mount[]): string[] => steps(containerMounts(around), { ...wanted, mounts })

test('the launcher opens what is bound when the box has users of its own, and the box itself otherwise', () => {
  const lanes = (wanted: Spec): string[] =>
    mounted(wanted, bind('/src'))
      .filter((step) => step.includes('open_tree_attr'))
      .map((step) => step.slice(0, 4))
  assert.deepEqual([lanes(spec), lanes(withUsers())], [['box '], ['host']])
})

test('all below is bound, and the mount itself is read-only, when the options are rbind and ro', () => {
  assert.deepEqual(mounted(spec, bind('/src', 'rbind', 'ro', 'rnosuid')), [
    'box open_tree_attr(#17, /src, AT_RECURSIVE|OPEN_TREE_CLONE, MOUNT_ATTR_NOSUID, 0, MS_SLAVE)',
    'box mkdir(d, 0755) fine EEXIST',
    'box mkdir(d/e, 0755) fine EEXIST',
    "box mount_setattr(#17, 0, MOUNT_ATTR_RDONLY, 0, '')",
    'box move_mount(#17, d/e)',
    'box close(#17)',
  ])
})

test('sixteen are handed over at once, and the next wait for the box, when there are more', () => {
  const mounts = Array.from({ length: 40 }, (_, n) => ({ ...bind('/file'), destination: `/d/${n}` }))
  const all = plan({ ...withUsers(), mounts }, [containerMounts(around)], machines.none)
  const open = new Set<number>()
  for (const { lane, call, args } of all) {
    const slot = Number(args[0])
    if (lane === 'host' && call === 'open_tree_attr') assert.ok(!open.has(slot) && open.add(slot).size <= 16)
    if (lane === 'host' && call === 'close') assert.ok(open.delete(slot))
  }
  assert.equal(all.filter(({ call }) => call === 'move_mount').length, 40)
  assert.ok(all.findIndex(({ lane }) => lane === 'box') === 16)
})

const REFUSED: [mount: Mount, fact: RegExp][] = [
  [bind('/none'), /^Error: Cannot mount "\/none" at "\/d\/e" \(mounts\[\d\]\): there is no such file/],
  [bind('/src', 'idmap'), /there are no numbers for its owners/],
  [{ ...bind('/src'), destination: '/proc/sys' }, /comes from the kernel alone/],
  [{ ...bind('t', 'idmap'), type: 'tmpfs' }, /only a bind mount is id-mapped/],
  [{ ...bind('t'), type: 'tmpfs', destination: '/x/..' }, /it is the root/],
]
for (const [mount, fact] of REFUSED)
  test(`a mount is refused, before anything is made, with ${String(fact)}`, () =>
    assert.throws(() => mounted(spec, mount), fact))

test('a root is refused when it is the host’s, or none', () => {
  const root = (path: string): Spec => ({ ...spec, root: { path } })
  assert.throws(
    () => containerRoot({ ...around, root: '/' }).steps(root('/'), machines.none),
    /it is the root of the host/,
  )
  assert.throws(() => containerRoot(around).steps(root('/none'), machines.none), /there is none/)
  assert.throws(() => containerRoot(around).steps(root('/file'), machines.none), /it is no directory/)
})

test('the root goes on top of the host’s when the box could not go to its place', () => {
  const hidden = { ...around, isOpen: false }
  assert.ok(steps(containerRoot(hidden), withUsers()).includes('box move_mount(#0, /)'))
  assert.ok(steps(containerRoot(around), withUsers()).includes('box move_mount(#0, /b/rootfs)'))
})

test('without a mount namespace nothing is pivoted, and the host’s mounts are asked for by name', () => {
  const wanted = linux({ namespaces: [] })
  assert.deepEqual(steps(containerRoot(around), wanted), [
    'box setns(/proc/self/ns/mnt, CLONE_NEWNS)',
    'box chdir(/b/rootfs)',
  ])
  assert.deepEqual(steps(containerPivot(around), wanted), ['box chroot(.)', 'box chdir(/)'])
})

test('the numbers of a device are as mknod takes them when they are large, and refused when no kernel has them', () => {
  const device = (major: number, minor: number): Spec =>
    linux({ devices: [{ path: '/x', type: 'b', major, minor, fileMode: 0o600 }] })
  assert.ok(
    steps(containerDevices(around), device(4095, 1_048_575)).includes('box mknod(x, S_IFBLK|0600, 4095:1048575)'),
  )
  assert.throws(() => steps(containerDevices(around), device(4096, 0)), /^RangeError: .* 4096:0/)
})

test('Landlock is asked for by an annotation, and what is wrong in it is named', () => {
  const asked = (text: string): Spec => ({ ...spec, annotations: { 'boxwright.landlock': text } })
  assert.equal(landlockOf(spec), undefined)
  assert.deepEqual(landlockOf(asked('{"allow":{"/":"rx"}}')), { allow: { '/': 'rx' }, scoped: [] })
  for (const text of ['x', '[]', '{"a":1}', '{"allow":{"x":"r"}}', '{"allow":{"/":"q"}}', '{"scoped":["q"]}'])
    assert.throws(() => landlockOf(asked(text)), /Cannot use the annotation boxwright\.landlock/)
})
