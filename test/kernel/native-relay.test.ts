/** A box has a terminal of its own, and we sit at another: script(1) is ours, we are the keyboard, and the launcher's monitor is in between. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { containerTerminal } from '../../src/box/terminal.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { allPids, parentOf } from '../../src/kernel/proc.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { encode } from '../../src/plan/encode.ts'
import { plan } from '../../src/plan/plan.ts'
import { SCRIPT, withoutScript } from './console.ts'
import { LAUNCH, skipWithoutLauncher } from './native-world.ts'
import { commandLineOf, until, World, type Opened } from './world.ts'

const options = { skip: skipWithoutLauncher || withoutScript() }

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_Z = '\x1a'

/** A plan of a box that has a terminal, in a file. */
function planned(world: World, ...args: string[]): string {
  const spec = defaultSpec({ id: 'relay', rootfs: world.base(), args })
  const walls = [namespaces, mounts, devices, containerTerminal(), command]
  const file = join(world.newPlace(), 'plan')
  fs.writeFileSync(file, encode(plan({ ...spec, process: { ...spec.process, terminal: true } }, walls, readMachine())))
  return file
}

const line = (world: World, script: string): string => `'${LAUNCH}' '${planned(world, 'sh', '-c', script)}'`

const open = (world: World, script: string, before = '', after = ''): Opened =>
  world.open([`${before}${line(world, script)}${after}`], { program: SCRIPT })

test('a box has a terminal of its own, and we hear what is said there, when we sit at another', options, async () => {
  await using world = new World()
  const { status, stdout } = await world.run([line(world, 'tty; ls /dev/console; test -t 0 && test -t 2; exit 7')], {
    program: SCRIPT,
  })
  const said = stdout.replace('^@', '') // script(1) may be at the end of its input first, and types that: it is echoed
  assert.deepEqual([status, said], [7, '/dev/pts/0\r\n/dev/console\r\n'])
})

test('nothing is lost when a box says much and ends', options, async () => {
  await using world = new World()
  const script = 'n=0; while [ $n -lt 3000 ]; do echo line $n; n=$((n+1)); done'
  const expected = Array.from({ length: 3000 }, (_, n) => `line ${n}\r\n`).join('')
  for (let n = 0; n < 5; n += 1) assert.equal((await open(world, script).ended).stdout === expected, true)
})

test('what is typed reaches a box once, and its keys are its own terminal’s to understand', options, async () => {
  await using world = new World()
  const box = open(
    world,
    'trap "echo caught" INT; echo ready; until read line; do :; done; echo "read: $line"; cat; exit 3',
  )
  await box.line(/ready\r$/)
  box.stdin.write(CTRL_C)
  await box.line(/caught\r$/)
  box.stdin.write('some words\r')
  await box.line(/^read: some words\r$/)
  box.stdin.write('more\r')
  box.stdin.write(CTRL_D)
  const { status, stdout } = await box.ended
  assert.equal(status, 3)
  assert.equal(stdout.match(/more/g)?.length, 2, 'once as an echo, once from cat')
  assert.equal(stdout.match(/some words/g)?.length, 2)
})

test('a box is as large as our terminal when it begins, and when that changes', options, async () => {
  await using world = new World()
  const script = 'stty size; trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
  const box = open(world, script, 'stty rows 31 cols 71; ')
  await box.line(/ready/)
  stty(terminalBelow(box.launcher), 'rows', '33', 'cols', '77')
  await box.line(/^33 77\r$/)
  box.stdin.write(CTRL_C)
  const { stdout } = await box.ended
  assert.match(stdout, /^31 71\r$/m)
})

for (const [how, script, status] of [
  ['ends', 'echo ready; read line; exit 5', 5],
  ['is ended by SIGKILL', 'echo ready; read line; kill -9 $$; sleep 1000', 137],
  ['has changed its own', 'stty -echo -icanon; echo ready; read line; exit 5', 5],
] as const)
  test(`our terminal is what it was when a box ${how}`, options, async () => {
    await using world = new World()
    const box = open(world, script, 'stty -g; ', '; echo "status $?"; stty -g; stty')
    await box.line(/ready/)
    const terminal = terminalBelow(box.launcher)
    assert.match(stty(terminal), /-icanon.*-echo /s, 'raw meanwhile')
    if (status === 137) endBox(box)
    else box.stdin.write('\r')
    const { stdout } = await box.ended
    const [before, , ...rest] = stdout.split('\r\n')
    assert.ok(rest.includes(`status ${status}`), stdout)
    assert.ok(rest.includes(before ?? ''), stdout)
    assert.doesNotMatch(stdout, /-icanon/)
  })

/** Waits for it, but not for ever. */
const AS_BEFORE = 'n=0; until [ "$(stty -g)" = "$before" ] || [ $n = 600 ]; do n=$((n+1)); sleep 0.1; done'

test('our terminal is what it was when whoever started the launcher is killed', options, async () => {
  await using world = new World()
  const parent = `${process.execPath} -e 'require("child_process").spawnSync(process.argv[1], [process.argv[2]], { stdio: "inherit" })'`
  const box = world.open(
    [
      `before=$(stty -g); echo $before; ${parent} ${line(world, 'echo ready; sleep 1000')}; ${AS_BEFORE}; echo after; stty -g; stty`,
    ],
    { program: SCRIPT },
  )
  await box.line(/ready/)
  const node = await until('Node', () => below(box.launcher).find((pid) => nameOf(pid) === 'node'))
  const [inside] = below(box.launcher).filter((pid) => nameOf(pid) === 'sleep')
  process.kill(node, 'SIGKILL')
  const { stdout } = await box.ended
  const lines = stdout.split('\r\n')
  assert.equal(lines.at(lines.indexOf('after') + 1), lines[0])
  assert.doesNotMatch(stdout, /-icanon/)
  await until('the end of the box', () => nameOf(inside ?? 0) !== 'sleep')
})

test(
  'our terminal is what it was when the launcher is stopped, and the box’s again when it goes on',
  options,
  async () => {
    await using world = new World()
    const shell = await interactive(world)
    shell.stdin.write(`${line(world, 'echo rea""dy; while read line; do echo "read: $line"; done')}\n`)
    await shell.line(/ready\r$/)
    const launcher = await until('the launcher', () => below(shell.launcher).find((pid) => isLauncher(pid)))
    shell.stdin.write(`${CTRL_Z}first\r`) // the key means nothing to number 1 of a PID namespace, and is none of ours
    await shell.line(/^read: first\r$/) // were it still on its way, the shell would get it
    process.kill(launcher, 'SIGTSTP')
    await shell.line(/Stopped/)
    shell.stdin.write('echo $((6*7))\n')
    await shell.line(/^(?:\$ )?42\r$/) // typed before the prompt, it is answered behind it
    shell.stdin.write('fg\n')
    await until('raw keys', () => /-isig/.test(stty(terminalBelow(shell.launcher))) && stateOf(launcher) === 'S')
    shell.stdin.write('words\r')
    await shell.line(/^read: words\r$/)
    shell.stdin.write(CTRL_D)
    await until('the end of the launcher', () => nameOf(launcher) === '')
    shell.stdin.write('exit 5\n')
    assert.equal((await shell.ended).status, 5)
  },
)

test(
  'a box goes on, and our terminal’s keys are another’s, when the launcher is in the background',
  options,
  async () => {
    await using world = new World()
    const shell = await interactive(world)
    shell.stdin.write(`${line(world, 'echo rea""dy; read line; echo "read: $line"')} &\n`)
    await shell.line(/ready\r+$/)
    shell.stdin.write('echo $((6*7))\n')
    await shell.line(/^42\r$/)
    shell.stdin.write('fg\n')
    await until('raw keys', () => /-isig/.test(stty(terminalBelow(shell.launcher))))
    shell.stdin.write('words\r')
    await shell.line(/^read: words\r$/)
    await until('the shell’s keys', () => !/-isig/.test(stty(terminalBelow(shell.launcher))))
    shell.stdin.write('exit 5\n')
    assert.equal((await shell.ended).status, 5)
  },
)

test('a box hears the end of what is typed when our input is no terminal and ends', options, async () => {
  await using world = new World()
  const { status, stdout } = await world.run([`printf 'one\\ntwo' | ${line(world, 'cat; exit 4')}`], {
    program: SCRIPT,
  })
  assert.equal(status, 4)
  assert.equal(stdout.match(/one/g)?.length, 2)
  assert.equal(stdout.match(/two/g)?.length, 2)
})

test('neither waits for the other when much is typed that a box does not read, and it says much', options, async () => {
  await using world = new World()
  const script = 'stty raw -echo; n=0; while [ $n -lt 3000 ]; do echo line $n; n=$((n+1)); done; echo done'
  const { stdout } = await world.run([`head -c 300000 /dev/zero | ${line(world, script)}`], { program: SCRIPT })
  assert.match(stdout, /line 2999\n *done/)
})

test('a box is hung up on when nobody hears any more what it says', options, async () => {
  await using world = new World()
  const script = 'trap "exit 6" HUP; while :; do echo y; sleep 0.01; done'
  const box = open(world, script, 'sh -c "', ' | head -1"; echo ended')
  const { stdout } = await box.ended
  assert.match(stdout, /^y\r+\n.*ended/s)
})

test('a box is not made when there is no terminal to relay to', options, async () => {
  await using world = new World()
  const { status, stderr } = spawnSync('setsid', ['--wait', LAUNCH, planned(world, 'true')], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [125, 'launch: step 2, tcgetattr: No such device or address\n'])
})

test('a box is not made when the launcher would leave, and nobody would relay', options, async () => {
  await using world = new World()
  const { status, stdout } = await world.run([line(world, 'true').replace(' ', ' -d ')], { program: SCRIPT })
  assert.equal(status, 125)
  assert.match(stdout, /socketpair: (Not supported|Operation not supported)/)
})

/** A shell that listens: what is typed before it does is lost. */
async function interactive(world: World): Promise<Opened> {
  const shell = world.open(['PS1="$ " exec sh -i'], { program: SCRIPT })
  shell.stdin.write('echo $((6*6))\n')
  await shell.line(/36\r$/)
  return shell
}

/** All that were started by a process, and by those. */
const below = (ancestor: number): number[] => {
  const children = allPids().filter((pid) => parentOf(pid) === ancestor)
  return children.flatMap((pid) => [pid, ...below(pid)])
}

/** The one outside: the box's process was one as well. */
const isLauncher = (pid: number): boolean =>
  commandLineOf(pid).startsWith(LAUNCH) && nameOf(parentOf(pid) ?? 0) === 'sh'

function nameOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}

const stateOf = (pid: number): string | undefined =>
  /^State:\s*(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

function endBox(box: Opened): void {
  const inside = below(box.launcher).filter((pid) =>
    /^NSpid:\s+\d+\s+1$/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8')),
  )
  for (const pid of inside) process.kill(pid, 'SIGKILL')
}

/** script(1)'s child has it on its streams. */
function terminalBelow(script: number): string {
  const [shell = 0] = below(script)
  return fs.readlinkSync(`/proc/${shell}/fd/0`)
}

function stty(terminal: string, ...words: string[]): string {
  return spawnSync('stty', ['-F', terminal, ...(words.length ? words : ['-a'])], { encoding: 'utf8' }).stdout
}
