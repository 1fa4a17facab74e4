/** Lesson 8, from outside: what a box has left, and what it is refused. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { security } from '../../lessons/08-security/stage.ts'
import { readMachine, type Machine } from '../../src/kernel/machine.ts'
import { readMountInfo } from '../../src/kernel/mountinfo.ts'
import { statusField } from '../../src/kernel/proc.ts'
import { HIDDEN, READ_ONLY } from '../../src/kernel/security.ts'
import { encode } from '../../src/plan/encode.ts'
import { planOf, specOf } from '../../src/workshop/run-stage.ts'
import { skipWithoutRoot, World, type Ran } from './world.ts'

const options = { skip: skipWithoutRoot }
const KEPT = '00000000a80405fb'

const stage = (world: World, ...words: string[]): Promise<Ran> => world.run(['stage', '8', 'run', ...words])

/** In a box of stage 8, with a shell. */
const sh = async (world: World, script: string, ...more: string[]): Promise<string> => {
  const { stdout, stderr } = await stage(world, ...more, 'sh', '-c', script)
  return stdout + stderr
}

const rightsOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'].map((name) => [
      name,
      statusField(pid, name),
    ]),
  )

const none = '0'.repeat(16)

test('a box has thirteen capabilities, no way to more, and a filter when nothing else is said', options, async () => {
  await using world = new World()
  const { pid } = await world.start(['stage', '8', 'run', 'sleep', '600'])
  assert.deepEqual(rightsOf(pid), {
    ...{ CapInh: none, CapPrm: KEPT, CapEff: KEPT, CapBnd: KEPT, CapAmb: none },
    ...{ NoNewPrivs: '1', Seccomp: '2' },
  })
})

test('a box has what it was given, and no more, when capabilities are added and dropped', options, async () => {
  await using world = new World()
  const words = [
    '--cap-drop',
    'ALL',
    '--cap-add',
    'CHOWN',
    '--cap-add',
    'NET_RAW',
    '--security-opt',
    'no-new-privileges=false',
  ]
  const { pid } = await world.start(['stage', '8', 'run', ...words, 'sleep', '600'])
  const kept = '0000000000002001'
  assert.deepEqual(rightsOf(pid), {
    ...{ CapInh: none, CapPrm: kept, CapEff: kept, CapBnd: kept, CapAmb: none },
    ...{ NoNewPrivs: '0', Seccomp: '2' },
  })
})

test(
  'a box sees nothing of the machine in /proc and /sys, and changes nothing there, when it looks',
  options,
  async () => {
    await using world = new World()
    const { pid } = await world.start(['stage', '8', 'run', 'sleep', '600'])
    const table = readMountInfo(pid)
    const at = (path: string) => table.filter(({ mountPoint }) => mountPoint === path).at(-1)
    for (const path of HIDDEN.filter((path) => fs.existsSync(path))) {
      const isDirectory = fs.statSync(path).isDirectory()
      assert.equal(at(path)?.type, isDirectory ? 'tmpfs' : 'devtmpfs', path)
      assert.equal(at(path)?.root, isDirectory ? '/' : '/null', path)
      const inBox = `/proc/${pid}/root${path}`
      assert.equal((isDirectory ? fs.readdirSync(inBox) : fs.readFileSync(inBox)).length, 0, path)
    }
    for (const path of READ_ONLY.filter((path) => fs.existsSync(path)))
      assert.ok(at(path)?.options.includes('ro'), path)
  },
)

test(
  'CVE-2025-31133: what is hidden stays so, and core_pattern as it was, when the image has another /dev/null',
  options,
  async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    fs.rmSync(join(rootfs, 'dev'), { recursive: true, force: true })
    fs.mkdirSync(join(rootfs, 'dev'))
    fs.symlinkSync('/proc/sys/kernel/core_pattern', join(rootfs, 'dev/null'))
    const before = fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
    const said = await sh(
      world,
      'wc -c < /proc/keys; echo owned > /proc/keys; echo owned > /proc/sys/kernel/core_pattern',
      '--rootfs',
      rootfs,
    )
    assert.match(said, /^0\n/)
    assert.match(said, /Read-only file system|Permission denied/)
    assert.equal(fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), before)
  },
)

test(
  'CVE-2022-0492: no namespace, and so no cgroup file system to write a release_agent to, when a box asks for one',
  options,
  async () => {
    await using world = new World()
    const said = await sh(world, 'unshare --user --mount true; mount -t cgroup -o memory x /mnt; echo; ls /mnt')
    assert.match(said, /unshare.*: Operation not permitted/)
    assert.match(said, /mount: permission denied|Operation not permitted/)
    assert.doesNotMatch(said, /release_agent/)
  },
)

test(
  'a box’s own settings are set, and the machine’s are as they were, when sysctls are asked for',
  options,
  async () => {
    await using world = new World()
    const forward = fs.readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')
    const said = await sh(
      world,
      'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni; echo 7 > /proc/sys/kernel/shmmni',
      ...['--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'kernel.shmmni=77'],
    )
    assert.match(said, /^1\n77\n.*Read-only file system/s)
    assert.equal(fs.readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'), forward)
  },
)

test('a box has the limits and the read-only root that were asked for', options, async () => {
  await using world = new World()
  const words = ['--ulimit', 'nofile=64:128', '--ulimit', 'core=0', '--read-only']
  const { pid } = await world.start(['stage', '8', 'run', ...words, 'sleep', '600'])
  const limits = fs.readFileSync(`/proc/${pid}/limits`, 'utf8')
  assert.match(limits, /^Max open files +64 +128 /m)
  assert.match(limits, /^Max core file size +0 +0 /m)
  assert.ok(
    readMountInfo(pid)
      .find(({ mountPoint }) => mountPoint === '/')
      ?.options.includes('ro'),
  )
})

const devicesOf = ({ cgroups }: Machine): string | undefined => cgroups.v1.devices

test('a box opens its own devices alone when another is in its /dev', options, async (t) => {
  if (devicesOf(readMachine()) === undefined && !readMachine().cgroups.v2) {
    t.skip('this machine has no cgroups')
    return
  }
  await using world = new World()
  const said = await sh(
    world,
    'echo > /dev/zero; head -c 1 /dev/random | wc -c; head -c 1 /dev/zero',
    '--device',
    '/dev/zero:w',
  )
  assert.match(said, /^1\n.*zero(?:' for reading)?: Operation not permitted/s)
})

test('a program on the box’s cgroup refuses devices when there is version 2 alone', options, async (t) => {
  const machine = readMachine()
  const { devices: _, ...v1 } = machine.cgroups.v1
  if (!machine.cgroups.v2) {
    t.skip('no v2 tree is mounted here')
    return
  }
  await using world = new World()
  const script = 'echo > /dev/zero; for d in null random; do head -c1 /dev/$d | wc -c; done; head -c1 /dev/zero 2>&1'
  const zero = { path: '/dev/zero', type: 'c' as const, major: 1, minor: 5, fileMode: 0o666, access: 'w' }
  const spec = specOf(security, {
    ...{ id: 'devices-by-program', rootfs: world.base(), args: ['sh', '-c', script], devices: [zero] },
  })
  const steps = planOf(security, spec, { ...machine, cgroups: { ...machine.cgroups, v1 } })
  assert.ok(steps.some(({ call }) => call === 'bpf_prog_attach'))
  const directory = join(machine.cgroups.v2.base, spec.linux.cgroupsPath)
  t.after(() =>
    steps.forEach(
      ({ undo }) => undo?.call === 'remove_cgroup' && fs.existsSync(undo.args[0]) && fs.rmdirSync(undo.args[0]),
    ),
  )
  const [program, file] = [join(world.directory, 'launch'), join(world.directory, 'plan')]
  fs.copyFileSync(join(import.meta.dirname, '../../dist/launch'), program)
  fs.writeFileSync(file, encode(steps))
  const { stdout, stderr } = spawnSync(program, [file], { encoding: 'utf8', cwd: '/' })
  assert.match(stdout + stderr, /^0\n1\n.*zero(?:' for reading)?: Operation not permitted/s, directory)
})

test('the keyring of a box is its own, and keys cannot be asked for in it', options, async () => {
  await using world = new World()
  assert.equal(await sh(world, 'cat /proc/keys | wc -l'), '0\n')
})

test('a seccomp profile from a file is what the box gets when one is named', options, async () => {
  await using world = new World()
  const file = join(world.directory, 'profile.json')
  const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }
  fs.writeFileSync(file, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }))
  assert.match(
    await sh(world, 'mkdir /tmp/new; echo $?', '--security-opt', `seccomp=${file}`),
    /No space left on device/,
  )
})

test('a command may still do what programs do when all walls stand', options, async () => {
  await using world = new World()
  const script = [
    'cd /tmp && mkdir a b && touch a/x && mv a/x b/y && chown 5:6 b/y && ls -ln b | grep -c " 5  *6 " && rm -r a b',
    'sleep 0.1 & kill $!; wait; echo $((6 * 7)) | cat; ps | grep -c sh; id -u',
  ].join('; ')
  assert.match(await sh(world, script), /^1\n(.*Terminated.*\n)?42\n\d+\n0\n$/)
})

/** Anybody: a number that nobody has. */
const ANYBODY = 54_321

test(
  'a box without root has the same walls, but for the list of devices, when anybody asks for one',
  options,
  async () => {
    await using world = new World()
    const home = world.newPlace()
    fs.chownSync(home, ANYBODY, ANYBODY)
    const env = {
      HOME: home,
      XDG_RUNTIME_DIR: home,
      BOXWRIGHT_RUN: join(home, 'run'),
      BOXWRIGHT_IMAGES: join(home, 'images'),
    }
    const script =
      'grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status; wc -l < /proc/keys; unshare --user true; echo 1 > /proc/sys/kernel/sem'
    const { stdout, stderr } = await world.run(['stage', '8', 'run', 'sh', '-c', script], {
      uid: ANYBODY,
      env,
      cwd: '/',
    })
    assert.equal(stdout, `CapEff:\t${KEPT}\nNoNewPrivs:\t1\nSeccomp:\t2\n0\n`, stderr)
    assert.match(stderr, /^boxwright: without root: /)
    assert.match(stderr, /unshare.*Operation not permitted/)
    assert.match(stderr, /Read-only file system/)
  },
)
