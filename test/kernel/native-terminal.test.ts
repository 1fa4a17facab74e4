/** A terminal of the box's own, at a console socket. What the image has put in the place of its devices is never touched on the host. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { containerTerminal, execTerminal } from '../../src/box/terminal.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { rights } from '../../src/box/rights.ts'
import * as kernel from '../../src/kernel/constants.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Process } from '../../src/oci/spec.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, plan, type Draft, type Plan } from '../../src/plan/plan.ts'
import { Console, withoutConsole } from './console.ts'
import { LAUNCH, planned, skipWithoutLauncher, type Ended } from './native-world.ts'
import { World } from './world.ts'

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_Z = '\x1a'

const options = { skip: skipWithoutLauncher || withoutConsole }

const stepsWith = (rootfs: string, socket: string | undefined, process: Partial<Process>, script: string): Plan => {
  const spec = defaultSpec({ id: 'terminal', rootfs, args: ['sh', '-c', script] })
  const walls = [namespaces, mounts, devices, containerTerminal(socket), command]
  return plan({ ...spec, process: { ...spec.process, terminal: true, ...process } }, walls, readMachine())
}

/** The launcher's own streams are pipes: nothing of the box may come there. */
async function launch(world: World, steps: Plan, ...args: string[]): Promise<Ended> {
  const file = join(world.newPlace(), 'plan')
  fs.writeFileSync(file, encode(steps))
  const child = spawn(LAUNCH, [...args, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { status, signal, text }
}

/** Puts steps where a wall begins: at its first one. */
const before = (steps: Plan, call: Draft['call'], ...drafts: Draft[]): Plan =>
  steps.toSpliced(
    steps.findIndex((step) => step.call === call),
    0,
    ...planned(...drafts),
  )

test('a box has a terminal of its own when somebody waits for it at a socket', options, async () => {
  await using world = new World()
  await using console = await Console.listen(join(world.newPlace(), 's'))
  const script = 'tty; tty <&2; stty size; ls -ln /dev/console | cut -c1-10; echo "$(cut -d" " -f5-8 /proc/self/stat)"'
  const steps = stepsWith(world.base(), console.socket, { consoleSize: { height: 33, width: 77 } }, script)
  assert.deepEqual(await launch(world, steps), { status: 0, signal: null, text: '' })
  const said = (await console.end()).split(/\r?\n/)
  assert.deepEqual(said.slice(1, 7), [
    '/dev/ptmx 33×77',
    'and nothing more: 0',
    '/dev/pts/0',
    '/dev/pts/0',
    '33 77',
    'crw--w----',
  ])
})

test('a shell has job control when it has a terminal of its own', options, async () => {
  await using world = new World()
  await using console = await Console.listen(join(world.newPlace(), 's'))
  const steps = stepsWith(world.base(), console.socket, {}, 'exec sh -i')
  const ended = launch(world, steps)
  console.type('PS1="> "; echo $((6*7))\n')
  await console.hears(/^(?:# )?42\r$/m)
  console.type(`sh -c 'trap "echo o""n" CONT; echo o""ff; while :; do read line; done'\n`) // a shell in vfork(2) cannot be stopped
  await console.hears(/^(?:> )?off\r$/m)
  console.type(CTRL_Z)
  await console.hears(/Stopped/)
  console.type('fg\n')
  await console.hears(/^on\r$/m)
  console.type(CTRL_C)
  await console.hears(/\^C/)
  console.type('echo status is $?\n')
  await console.hears(/^(?:> )?status is 130\r\n> /m) // and the prompt: before it, Ctrl-D may be lost
  console.type(CTRL_D)
  await ended
  assert.doesNotMatch(await console.end(), /access tty|job control turned off/)
})

test('a terminal belongs to the user of the box when that is not root', options, async () => {
  await using world = new World()
  await using console = await Console.listen(join(world.newPlace(), 's'))
  const spec = defaultSpec({
    id: 'terminal',
    rootfs: world.base(),
    args: ['sh', '-c', 'stat -c %u:%g /dev/pts/0; echo >/dev/console'],
  })
  const process = { ...spec.process, terminal: true, user: { uid: 7, gid: 8 } }
  const walls = [namespaces, mounts, devices, containerTerminal(console.socket), rights, command]
  const ended = await launch(world, plan({ ...spec, process }, walls, readMachine()))
  assert.deepEqual(ended, { status: 0, signal: null, text: '' })
  assert.match(await console.end(), /^7:5\r\n\r\n$/m)
})

test('a command that comes later has a terminal, and the console stays the first one’s', options, async () => {
  await using world = new World()
  await using console = await Console.listen(join(world.newPlace(), 's'))
  const spec = defaultSpec({ id: 'terminal', rootfs: world.base(), args: ['sh', '-c', 'tty; ls /dev/console'] })
  const process = { ...spec.process, terminal: true }
  const walls = [namespaces, mounts, devices, execTerminal(console.socket), command]
  assert.notEqual((await launch(world, plan({ ...spec, process }, walls, readMachine()))).status, 0)
  assert.match(await console.end(), /^\/dev\/pts\/0\r\nls: .*No such file/m)
})

test('a socket is found when its path is longer than a socket’s name may be', options, async () => {
  await using world = new World()
  const deep = join(world.newPlace(), 'd'.repeat(200))
  fs.mkdirSync(deep)
  const short = join(world.newPlace(), 's')
  await using console = await Console.listen(short)
  fs.linkSync(short, join(deep, 's'))
  assert.equal((await launch(world, stepsWith(world.base(), join(deep, 's'), {}, 'echo here'))).status, 0)
  assert.match(await console.end(), /^here\r$/m)
})

test('a box is not made when nobody waits at its socket', options, async () => {
  await using world = new World()
  const place = world.newPlace()
  fs.writeFileSync(join(place, 'file'), '')
  for (const [socket, why] of [
    ['none', 'No such file or directory'],
    ['file', 'Connection refused'],
  ] as const) {
    const { status, text } = await launch(world, stepsWith(world.base(), join(place, socket), {}, 'true'))
    assert.equal(status, 125)
    assert.match(text, new RegExp(`^launch: step \\d+, connect: ${why}\n$`))
  }
})

/** What an image, or a volume, may have in the place of the terminal's devices: links into a directory of the host's. */
const HOSTILE: Record<string, (outside: string) => Draft[]> = {
  'dev/console is a link to a file of the host’s': (outside) => [
    box('symlink', [`${outside}/token`, '/dev/console'], ''),
  ],
  'dev/console is a link to a file that is not there': (outside) => [
    box('symlink', [`${outside}/made`, '/dev/console'], ''),
  ],
  'dev/console is a link to a setting of the kernel’s': () => [
    box('symlink', ['/proc/sys/kernel/domainname', '/dev/console'], ''),
  ],
  'dev/console is a directory': () => [box('mkdir', ['/dev/console', 0o755], '')],
}

for (const [what, put] of Object.entries(HOSTILE))
  test(`CVE-2025-52565: no terminal is mounted over anything else when ${what}`, options, async () => {
    await using world = new World()
    const outside = world.newPlace()
    fs.writeFileSync(join(outside, 'token'), 'mine')
    await using console = await Console.listen(join(world.newPlace(), 's'))
    const steps = before(stepsWith(world.base(), console.socket, {}, 'true'), 'openpty', ...put(outside))
    const { status, text } = await launch(world, steps)
    assert.equal(status, 125)
    assert.match(
      text,
      /, bind_fd: (Too many levels of symbolic links|Symbolic link loop|Not a directory|Invalid argument)\n$/,
    )
    assert.deepEqual(fs.readdirSync(outside), ['token'])
    assert.equal(fs.readFileSync(join(outside, 'token'), 'utf8'), 'mine')
  })

/** In the place of the box's devpts. */
const PRETENDED: Record<string, Draft[]> = {
  'a link to the host’s': [box('symlink', ['/proc/1/root/dev/pts/ptmx', '/dev/pts/ptmx'], '')],
  'a file': [box('mknod', ['/dev/pts/ptmx', kernel.S_IFREG | 0o666, 0], '')],
  'another device': [box('mknod', ['/dev/pts/ptmx', kernel.S_IFCHR | 0o666, (1 << 8) | 5], '')],
  'its device, in another file system': [box('mknod', ['/dev/pts/ptmx', kernel.S_IFCHR | 0o666, (5 << 8) | 2], '')],
  nothing: [],
}

for (const [what, put] of Object.entries(PRETENDED))
  test(`CVE-2025-52565: no terminal is made when what stands for /dev/pts/ptmx is ${what}`, options, async () => {
    await using world = new World()
    await using console = await Console.listen(join(world.newPlace(), 's'))
    const shadow = box('mount', ['none', '/dev/pts', 'tmpfs', 0, ''], '')
    const steps = before(stepsWith(world.base(), console.socket, {}, 'true'), 'openpty', shadow, ...put)
    const { status, text } = await launch(world, steps)
    assert.equal(status, 125)
    assert.match(
      text,
      /, openpty: (Not a tty|Inappropriate ioctl for device|No such file or directory|Too many levels of symbolic links|Symbolic link loop)\n$/,
    )
  })

test('CVE-2025-52565: a terminal is the box’s own when /dev/pts/0 is something else', options, async () => {
  await using world = new World()
  const outside = world.newPlace()
  fs.writeFileSync(join(outside, 'token'), 'mine')
  await using console = await Console.listen(join(world.newPlace(), 's'))
  const steps = stepsWith(world.base(), console.socket, {}, 'echo at the terminal; echo at the console >/dev/console')
  const shadow = [
    box('mknod', ['/dev/file', kernel.S_IFREG | 0o666, 0], ''),
    box('mount', ['/dev/file', '/dev/pts/0', '', kernel.MS_BIND, ''], ''),
  ]
  const { status } = await launch(world, before(steps, 'bind_fd', ...shadow))
  assert.equal(status, 0)
  assert.match(await console.end(), /^at the terminal\r\nat the console\r\n$/m)
  assert.equal(fs.readFileSync(join(outside, 'token'), 'utf8'), 'mine')
})
