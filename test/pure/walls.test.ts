import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mountOptions } from '../../src/box/mount-options.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { root } from '../../src/box/root.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Mount, NamespaceType, Spec } from '../../src/oci/spec.ts'
import type { Wall } from '../../src/plan/plan.ts'
import { machines } from './machines.ts'
import { seeded } from './random.ts'
import { told } from './told.ts'

const spec = defaultSpec({ id: 'x', rootfs: '/r', args: ['sh', '-c', 'true'] })
const steps = (wall: Wall, changed: Partial<Spec> = {}): string[] =>
  told(wall.steps({ ...spec, ...changed }, machines.none))
const linux = (changed: Partial<Spec['linux']>): Partial<Spec> => ({ linux: { ...spec.linux, ...changed } })

test('root changes the root and then steps into it when it has a path', () => {
  assert.deepEqual(steps(root), ['box chroot(/r)', 'box chdir(/)'])
})

test('command executes its arguments in its environment when the working directory is /', () => {
  assert.deepEqual(command.steps(spec, machines.none), [
    {
      lane: 'box',
      call: 'execvpe',
      args: ['sh', ['sh', '-c', 'true'], spec.process.env],
      why: 'become the command',
    },
  ])
})

test('command steps into the working directory first when it is another than /', () => {
  const process = { args: ['ls'], env: ['A=1'], cwd: '/srv' }
  assert.deepEqual(steps(command, { process }), ['box chdir(/srv)', 'box execvpe(ls, ls, 1 variables)'])
})

test('command has the empty name executed when there are no arguments, and leaves the refusal to the kernel', () => {
  assert.deepEqual(steps(command, { process: { args: [], env: [], cwd: '/' } }), ["box execvpe('', , 0 variables)"])
})

const NAMESPACES: [types: NamespaceType[], steps: string[]][] = [
  [[], []],
  [['pid'], ['host unshare(CLONE_NEWPID)']],
  [['mount'], ['box unshare(CLONE_NEWNS)']],
  [['ipc'], ['box unshare(CLONE_NEWIPC)']],
  [['cgroup'], ['box unshare(CLONE_NEWCGROUP)']],
  [['uts'], ['box unshare(CLONE_NEWUTS)', 'box sethostname(box)']],
  [
    ['mount', 'uts', 'ipc', 'pid', 'cgroup'],
    [
      'host unshare(CLONE_NEWPID)',
      'box unshare(CLONE_NEWCGROUP|CLONE_NEWIPC|CLONE_NEWNS|CLONE_NEWUTS)',
      'box sethostname(box)',
    ],
  ],
]
for (const [types, expected] of NAMESPACES)
  test(`namespaces asks for what is wanted when that is ${types.join(', ') || 'nothing'}`, () => {
    const wanted = linux({ namespaces: types.map((type) => ({ type })) })
    assert.deepEqual(steps(namespaces, { ...wanted, hostname: 'box' }), expected)
  })

test('namespaces never lets the box lane ask for a PID namespace when the order of types is random', (t) => {
  const random = seeded(t)
  const types = ['mount', 'uts', 'ipc', 'pid', 'cgroup'] as const
  for (let round = 0; round < 200; round++) {
    const wanted = random.list(8, () => ({ type: random.pick(types) }))
    const drafts = namespaces.steps({ ...spec, ...linux({ namespaces: wanted }) }, machines.none)
    const flags = (lane: string): unknown[] =>
      drafts.filter((step) => step.lane === lane && step.call === 'unshare').map(({ args }) => args[0])
    assert.deepEqual(flags('host'), wanted.some(({ type }) => type === 'pid') ? [0x20000000] : [])
    assert.ok(flags('box').every((bits) => (Number(bits) & 0x20000000) === 0))
  }
})

const PIVOT = [
  "box mount(none, /, '', MS_PRIVATE|MS_REC, '')",
  "box mount(/r, /r, '', MS_BIND|MS_REC, '')",
  'box chdir(/r)',
  'box pivot_root(., .)',
  'box umount2(., MNT_DETACH)',
  'box chdir(/)',
]

test('mounts makes all mounts private, then pivots, when nothing is to be mounted', () => {
  assert.deepEqual(steps(mounts, { mounts: [] }), PIVOT)
})

test('mounts mounts everything after the pivot, and undoes what it makes in the root alone, when the spec is the usual one', () => {
  const undo = (path: string): string => `fine EEXIST undo rmdir(/r${path}) fine ENOENT ENOTEMPTY ENOTDIR`
  assert.deepEqual(steps(mounts), [
    ...PIVOT,
    `box mkdir(/proc, 0755) ${undo('/proc')}`,
    "box mount(proc, /proc, proc, MS_NODEV|MS_NOEXEC|MS_NOSUID, '')",
    `box mkdir(/dev, 0755) ${undo('/dev')}`,
    'box mount(tmpfs, /dev, tmpfs, MS_NOSUID|MS_STRICTATIME, mode=755,size=65536k)',
    'box mkdir(/dev/pts, 0755) fine EEXIST',
    'box mount(devpts, /dev/pts, devpts, MS_NOEXEC|MS_NOSUID, newinstance,ptmxmode=0666,mode=0620,gid=5)',
    'box mkdir(/dev/shm, 0755) fine EEXIST',
    'box mount(shm, /dev/shm, tmpfs, MS_NODEV|MS_NOEXEC|MS_NOSUID, mode=1777,size=65536k)',
    `box mkdir(/sys, 0755) ${undo('/sys')}`,
    "box mount(sysfs, /sys, sysfs, MS_NODEV|MS_NOEXEC|MS_NOSUID|MS_RDONLY, '')",
  ])
})

test('mounts says what each file system is for when it knows, and which it is when it does not', () => {
  const mount = (type: string): Mount => ({ destination: '/x', type, source: type, options: [] })
  const drafts = mounts.steps({ ...spec, mounts: [mount('proc'), mount('mqueue')] }, machines.none)
  const reasons = drafts.slice(PIVOT.length).map(({ why }) => why)
  const place = 'a place to mount it on'
  const proc = 'a /proc that shows the processes of this PID namespace'
  assert.deepEqual(reasons, [place, proc, place, "a mqueue of the box's own"])
})

test('devices makes six device files and five links when the spec is the usual one', () => {
  assert.deepEqual(steps(devices), [
    'box mknod(/dev/null, S_IFCHR|0666, 1:3)',
    'box mknod(/dev/zero, S_IFCHR|0666, 1:5)',
    'box mknod(/dev/full, S_IFCHR|0666, 1:7)',
    'box mknod(/dev/random, S_IFCHR|0666, 1:8)',
    'box mknod(/dev/urandom, S_IFCHR|0666, 1:9)',
    'box mknod(/dev/tty, S_IFCHR|0666, 5:0)',
    'box symlink(/proc/self/fd, /dev/fd)',
    'box symlink(/proc/self/fd/0, /dev/stdin)',
    'box symlink(/proc/self/fd/1, /dev/stdout)',
    'box symlink(/proc/self/fd/2, /dev/stderr)',
    'box symlink(pts/ptmx, /dev/ptmx)',
  ])
})

test('devices gives mknod(2) the type, the mode and both numbers in one when it makes a device', () => {
  const kmsg = { path: '/dev/kmsg', type: 'c' as const, major: 1, minor: 11, fileMode: 0o640 }
  const [first] = devices.steps({ ...spec, ...linux({ devices: [kmsg] }) }, machines.none)
  assert.deepEqual(first?.args, ['/dev/kmsg', 0o020640, 0x10b])
})

const OPTIONS: [words: string[], flags: number, data: string][] = [
  [[], 0, ''],
  [['ro'], 1, ''],
  [['nosuid'], 2, ''],
  [['nodev'], 4, ''],
  [['noexec'], 8, ''],
  [['remount'], 32, ''],
  [['bind'], 4096, ''],
  [['rbind'], 4096 | 16384, ''],
  [['relatime'], 1 << 21, ''],
  [['strictatime'], 1 << 24, ''],
  [['size=64k'], 0, 'size=64k'],
  [['ro', 'mode=755', 'nosuid', 'size=64k'], 3, 'mode=755,size=64k'],
  [['ro', 'ro'], 1, ''],
  [['RO'], 0, 'RO'],
]
for (const [words, flags, data] of OPTIONS)
  test(`mountOptions gives flags ${flags} and data "${data}" when the words are ${words.join(',') || 'none'}`, () => {
    assert.deepEqual(mountOptions(words), { flags, data })
  })
