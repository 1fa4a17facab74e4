/** The file systems of a box, as `/proc/PID/mountinfo` and a look through `/proc/PID/root` have them: from stage 3 on there is nothing but its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { readMountInfo, type MountEntry } from '../../src/kernel/mountinfo.ts'
import { namespaceOf } from '../../src/kernel/proc.ts'
import { BOXWRIGHT, skipWithoutRoot, until, World, type Running } from './world.ts'

const options = { skip: skipWithoutRoot }
const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]
const mountPoints = (mounts: readonly MountEntry[]): string[] => mounts.map(({ mountPoint }) => mountPoint)

/** runtime-spec config-linux.md §default-filesystems and §default-devices. */
const FILE_SYSTEMS = [
  { at: '/proc', type: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
  { at: '/dev', type: 'tmpfs', options: ['nosuid'] },
  { at: '/dev/pts', type: 'devpts', options: ['nosuid', 'noexec'] },
  { at: '/dev/shm', type: 'tmpfs', options: ['nosuid', 'nodev', 'noexec'] },
  { at: '/sys', type: 'sysfs', options: ['ro', 'nosuid', 'nodev', 'noexec'] },
]
const DEVICES = { null: [1, 3], zero: [1, 5], full: [1, 7], random: [1, 8], urandom: [1, 9], tty: [5, 0] }
const LINKS = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
}

for (const stage of [3, 4]) {
  suite(`a box of stage ${stage} that sleeps`, options, () => {
    let world: World
    let box: Running
    let mounts: MountEntry[]
    let earlier: MountEntry[]
    const inside = (path: string): string => `/proc/${box.pid}/root${path}`
    before(async () => {
      world = new World()
      earlier = readMountInfo()
      box = await world.start(run(stage, 'sleep', '1000'))
      mounts = readMountInfo(box.pid)
    })
    after(() => world[Symbol.asyncDispose]())

    test(`stage ${stage} has mounted nothing but its own when it runs`, () => {
      const own = mounts.filter(({ mountPoint }) => !mountPoint.startsWith('/sys/fs/cgroup'))
      assert.deepEqual(mountPoints(own), ['/', ...FILE_SYSTEMS.map(({ at }) => at)])
      assert.equal(own.length === mounts.length, stage === 3)
    })

    test(`stage ${stage} has the root file system in the place of the root when it runs`, () => {
      const [root] = mounts
      assert.ok(root?.mountPoint === '/' && world.base().endsWith(root.root), root?.root)
      assert.equal(fs.statSync(inside('/')).ino, fs.statSync(world.base()).ino)
      assert.equal(
        mounts.some(({ id }) => id === root.parent),
        false,
        'the old root is not above it',
      )
    })

    test(`stage ${stage} shares no mount with anybody when it runs`, () => {
      assert.deepEqual(
        mounts.filter(({ propagation }) => propagation.length > 0),
        [],
      )
    })

    for (const { at, type, options: words } of FILE_SYSTEMS)
      test(`stage ${stage} has a ${type} at ${at} when it runs`, () => {
        const mount = mounts.find(({ mountPoint }) => mountPoint === at)
        assert.equal(mount?.type, type)
        assert.deepEqual(
          words.filter((word) => !mount.options.includes(word)),
          [],
        )
      })

    test(`stage ${stage} sees its own processes alone in /proc when it runs`, () => {
      assert.deepEqual(
        fs.readdirSync(inside('/proc')).filter((name) => /^\d+$/.test(name)),
        ['1'],
      )
    })

    test(`stage ${stage} has the devices that a program expects, and no other, when it runs`, () => {
      const names = [...Object.keys(DEVICES), ...Object.keys(LINKS), 'pts', 'shm']
      assert.deepEqual(fs.readdirSync(inside('/dev')).sort(), names.sort())
      for (const [name, numbers] of Object.entries(DEVICES)) assert.deepEqual(device(inside(`/dev/${name}`)), numbers)
      for (const [name, target] of Object.entries(LINKS)) assert.equal(fs.readlinkSync(inside(`/dev/${name}`)), target)
    })

    test(`stage ${stage} has pseudo-terminals and shared memory of its own when it runs`, () => {
      assert.deepEqual(fs.readdirSync(inside('/dev/pts')), ['ptmx'])
      assert.deepEqual(device(inside('/dev/pts/ptmx')), [5, 2])
      assert.equal(fs.statSync(inside('/dev/shm')).mode & 0o7777, 0o1777)
      const { bsize, blocks } = fs.statfsSync(inside('/dev/shm'))
      assert.equal(bsize * blocks, 64 << 20)
      const hosts = readMountInfo().map(({ device }) => device)
      const own = mounts.filter(({ mountPoint }) => mountPoint.startsWith('/dev'))
      assert.deepEqual(
        own.filter(({ device }) => hosts.includes(device)),
        [],
      )
    })

    test(`stage ${stage} mounts nothing on the host when it runs`, () => {
      assert.notEqual(namespaceOf(box.pid, 'mnt'), namespaceOf(box.launcher, 'mnt'))
      assert.deepEqual(readMountInfo(box.launcher), earlier)
      assert.deepEqual(readMountInfo(), earlier)
    })
  })

  test(
    `stage ${stage} shows the host no mount of its own when all mounts of the host are shared`,
    options,
    async () => {
      await using world = new World()
      await using host = await sharedHost()
      const earlier = host.mounts()
      assert.ok(earlier.every(({ propagation }) => propagation.some((word) => word.startsWith('shared:'))))
      const box = await world.start(run(stage, 'sleep', '1000'), { program: host.program })
      assert.equal(namespaceOf(box.launcher, 'mnt'), namespaceOf(host.pid, 'mnt'))
      assert.deepEqual(
        readMountInfo(box.pid).filter(({ propagation }) => propagation.length > 0),
        [],
      )
      assert.deepEqual(host.mounts(), earlier)
      box.signal('SIGTERM')
      await box.ended
      assert.deepEqual(host.mounts(), earlier)
    },
  )

  test(`stage ${stage} takes down what has leaked when its mounts are not made private first`, options, async () => {
    await using world = new World()
    await using host = await sharedHost()
    const earlier = host.mounts()
    const { stdout } = await world.run(run(stage, '--explain', '--json', 'true'))
    const steps = JSON.parse(stdout) as { step: number; call: string }[]
    const number = String(steps.find(({ call }) => call === 'mount')?.step)
    const ran = await world.run(run(stage, '--without', number, 'true'), { program: host.program })
    assert.match(ran.stderr, /^boxwright: Cannot finish the box: pivot_root\(\., \.\) gave EINVAL\b.*\n {2}\S/)
    assert.deepEqual(host.mounts(), earlier)
  })

  for (const name of ['proc', 'dev', 'sys']) {
    test(
      `stage ${stage} does not reach outside when /${name} is a link to a directory of the host`,
      options,
      async () => {
        await using world = new World()
        const { rootfs, outside } = withLink(world, name)
        const ran = await world.run(run(stage, '--rootfs', rootfs, 'true'))
        assert.match(ran.stderr, /^boxwright: Cannot finish the box: mount\(/)
        assert.notEqual(ran.status, 0)
        assert.deepEqual(fs.readdirSync(outside), [])
      },
    )

    test(
      `stage ${stage} follows a link at /${name} in the box when the box has such a directory`,
      options,
      async () => {
        await using world = new World()
        const { rootfs, outside } = withLink(world, name)
        fs.mkdirSync(join(rootfs, outside), { recursive: true })
        const box = await world.start(run(stage, '--rootfs', rootfs, 'sleep', '1000'))
        assert.ok(mountPoints(readMountInfo(box.pid)).includes(outside))
        assert.ok(!mountPoints(readMountInfo(box.launcher)).includes(outside))
        box.signal('SIGTERM')
        await box.ended
        assert.deepEqual([fs.readdirSync(outside), fs.readdirSync(join(rootfs, outside))], [[], []])
      },
    )
  }

  test(`stage ${stage} leaves a root file system as it was when that has no mount points`, options, async () => {
    await using world = new World()
    const earlier = world.inventory()
    const rootfs = world.copyOfBase()
    for (const name of ['proc', 'dev', 'sys']) fs.rmdirSync(join(rootfs, name))
    const tree = listing(rootfs)
    const box = await world.start(run(stage, '--rootfs', rootfs, 'sleep', '1000'))
    assert.ok(fs.statSync(`/proc/${box.pid}/root/proc/1`).isDirectory())
    box.signal('SIGTERM')
    await box.ended
    assert.deepEqual(listing(rootfs), tree)
    assert.deepEqual(world.left(earlier), [])
  })

  test(`stage ${stage} keeps what is in a root file system when it mounts over it`, options, async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    for (const name of ['proc', 'dev', 'sys']) fs.writeFileSync(join(rootfs, name, 'mine'), name)
    const tree = listing(rootfs)
    assert.equal((await world.run(run(stage, '--rootfs', rootfs, 'test', '!', '-e', '/dev/mine'))).status, 0)
    assert.deepEqual(listing(rootfs), tree)
  })
}

test('stage 3 says so when /proc is a file in the root file system', options, async () => {
  await using world = new World()
  const rootfs = world.copyOfBase()
  fs.rmdirSync(join(rootfs, 'proc'))
  fs.writeFileSync(join(rootfs, 'proc'), 'mine')
  const ran = await world.run(run(3, '--rootfs', rootfs, 'true'))
  assert.match(ran.stderr, /^boxwright: Cannot finish the box: mount\(proc, \/proc, .* gave ENOTDIR\b.*\n {2}\S/)
  assert.equal(fs.readFileSync(join(rootfs, 'proc'), 'utf8'), 'mine')
})

/** Major and minor number, of a character device that everybody may use. makedev(3), backwards, for numbers as small as these. */
function device(path: string): [number, number] {
  const { mode, rdev } = fs.statSync(path)
  assert.equal(mode.toString(8), '20666')
  return [rdev >> 8, rdev & 0xff]
}

/** A root file system whose /proc, say, leads to an empty directory of the host. */
function withLink(world: World, name: string): { rootfs: string; outside: string } {
  const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
  fs.rmdirSync(join(rootfs, name))
  fs.symlinkSync(outside, join(rootfs, name))
  return { rootfs, outside }
}

const listing = (root: string): string[] =>
  fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${fs.lstatSync(join(root, name)).mode}`)

interface Host extends AsyncDisposable {
  pid: number
  mounts(): MountEntry[]
  /** What has to be run for a boxwright on this host. */
  program: string[]
}

/** A host as systemd sets it up, every mount shared, for as long as `cat` waits in it: mount_namespaces(7). */
async function sharedHost(): Promise<Host> {
  const keeper = spawn('unshare', ['--mount', '--propagation', 'shared', '--', 'cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const pid = keeper.pid ?? 0
  keeper.stdin.write('ready')
  await until('the shared host', () => (keeper.stdout.read() as Buffer | null) ?? undefined)
  return {
    pid,
    mounts: () => readMountInfo(pid),
    program: ['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--', process.execPath, BOXWRIGHT],
    [Symbol.asyncDispose]: async () => {
      keeper.stdin.end()
      await until('the end of the shared host', () => keeper.exitCode !== null)
    },
  }
}
