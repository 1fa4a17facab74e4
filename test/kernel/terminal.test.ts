/** A terminal belongs to the command in the box as it would to any other: script(1) is the terminal, we are the keyboard. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { test } from 'node:test'
import { allPids, parentOf } from '../../src/kernel/proc.ts'
import { BOXWRIGHT, skipWithoutRoot, until, World, boxBelow, type Opened, type Running } from './world.ts'

const STAGES = [1, 2, 3, 4, 5]
const options = { skip: skipWithoutRoot || withoutScript() }

/** `-e` passes the exit status on, `-f` leaves nothing in a buffer. */
const TERMINAL = ['script', '--quiet', '--return', '--flush', '/dev/null', '--command']
const CTRL_C = '\x03'
const CTRL_Z = '\x1a'
const CTRL_BACKSLASH = '\x1c'

for (const stage of STAGES) {
  test(`stage ${stage} has the terminal that it was started from on its streams`, options, async () => {
    await using world = new World()
    const box = await start(world, stage, 'sleep', '1000')
    const [terminal] = terminalsOf(parentOf(box.pid) ?? 0)
    assert.match(terminal ?? '', /^\/dev\/pts\/\d+$/)
    assert.deepEqual(terminalsOf(box.pid), [terminal, terminal, terminal])
    assert.equal(isInForeground(box.pid), true)
    assert.equal(isNonBlocking(box.pid), false, 'a command does not expect EAGAIN')
    await end(box)
    const asked = world.open([line(stage, 'sh', '-c', 'test -t 0 && test -t 1 && test -t 2')], { program: TERMINAL })
    assert.equal((await asked.ended).status, 0)
  })

  test(`stage ${stage} sees the terminal's size, and hears when it changes`, options, async () => {
    await using world = new World()
    const script = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
    const box = await start(world, stage, 'sh', '-c', script)
    await box.line(/ready/)
    const [terminal = ''] = terminalsOf(box.pid)
    stty(terminal, 'rows', '33', 'cols', '77')
    await box.line(/^33 77\r$/)
    stty(terminal, 'rows', '44')
    await box.line(/^44 77\r$/)
    await end(box)
  })

  for (const [key, name, status] of [
    [CTRL_C, 'Ctrl-C', 130],
    [CTRL_BACKSLASH, 'Ctrl-\\', 131],
  ] as const)
    test(
      `stage ${stage} ends with ${status} when ${name} is pressed and its command does not catch it`,
      options,
      async () => {
        await using world = new World()
        const before = world.inventory()
        const box = await start(world, stage, 'sleep', '1000')
        box.stdin.write(key)
        assert.equal((await box.ended).status, status)
        assert.deepEqual(world.left(before), [])
      },
    )

  test(`stage ${stage} gives each Ctrl-C to its command once when that catches it`, options, async () => {
    await using world = new World()
    const script =
      'n=0; trap "n=\\$((n+1)); echo caught \\$n; test \\$n = 3 && exit 7" INT; echo ready; while :; do sleep 0.05; done'
    const box = await start(world, stage, 'sh', '-c', script)
    await box.line(/ready/)
    for (const n of [1, 2, 3]) {
      box.stdin.write(CTRL_C)
      await box.line(new RegExp(`caught ${n}\r$`))
    }
    const { status, stdout } = await box.ended
    assert.deepEqual([status, stdout.match(/caught \d/g)], [7, ['caught 1', 'caught 2', 'caught 3']])
  })

  test(`stage ${stage} stops at Ctrl-Z and goes on at fg when a shell started it`, options, async () => {
    await using world = new World()
    const before = world.inventory()
    const shell = world.open(['PS1="$ " exec sh -i'], { program: TERMINAL })
    type(shell, 'echo $((6*7))')
    await shell.line(/42\r$/)
    const shellPid = childOf(shell.launcher)
    const settings = settingsOf(shellPid)
    type(shell, line(stage, 'sleep', '1000'))
    const { pid } = await until('the box', () => boxBelow(shellPid))
    const launcher = childOf(shellPid)
    shell.stdin.write(CTRL_Z)
    for (const one of [pid, launcher]) await until('the stop', () => stateOf(one) === 'T')
    await until('the shell to have the terminal', () => isInForeground(shellPid))
    type(shell, 'fg')
    for (const one of [pid, launcher]) await until('the continuation', () => stateOf(one) === 'S')
    await until('the box to have the terminal', () => isInForeground(launcher))
    shell.stdin.write(CTRL_C)
    await until('the end of the box', () => stateOf(launcher) === undefined)
    type(shell, 'echo status is $?')
    await shell.line(/status is 130\r$/)
    assert.equal(settingsOf(shellPid), settings)
    assert.equal(isNonBlocking(shellPid), false)
    type(shell, 'exit 5')
    assert.equal((await shell.ended).status, 5)
    assert.deepEqual(world.left(before), [])
  })
}

/** For the shell that script(1) starts. */
const line = (stage: number, ...words: string[]): string =>
  [process.execPath, BOXWRIGHT, 'stage', String(stage), 'run', ...words].map((word) => `'${word}'`).join(' ')

const start = (world: World, stage: number, ...words: string[]): Promise<Running> =>
  world.start([`exec ${line(stage, ...words)}`], { program: TERMINAL })

/** script(1) takes its time over SIGTERM. */
async function end(box: Running): Promise<void> {
  box.stdin.write(CTRL_C)
  await box.ended
}

const type = (shell: Opened, text: string): void => void shell.stdin.write(`${text}\n`)

const childOf = (parent: number): number => allPids().find((pid) => parentOf(pid) === parent) ?? 0

const terminalsOf = (pid: number): string[] => [0, 1, 2].map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`))

const stty = (terminal: string, ...words: string[]): string =>
  execFileSync('stty', ['-F', terminal, ...words], { encoding: 'utf8' })

const settingsOf = (pid: number): string => stty(terminalsOf(pid)[0] ?? '', '-g')

/** open(2): O_NONBLOCK belongs to the open file, and whoever has inherited that finds it there. Written in octal: proc_pid_fdinfo(5). */
const isNonBlocking = (pid: number): boolean =>
  [0, 1, 2].some((fd) => {
    const flags = /^flags:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0'
    return (parseInt(flags, 8) & fs.constants.O_NONBLOCK) !== 0
  })

/** proc_pid_stat(5), from the third field on: state, ppid, pgrp, session, tty_nr, tpgid. */
function statOf(pid: number): string[] {
  try {
    return fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return []
  }
}

const stateOf = (pid: number): string | undefined => statOf(pid)[0]

/** Is its process group the one that the keys of its terminal speak to? */
function isInForeground(pid: number): boolean {
  const [, , group, , , foreground] = statOf(pid)
  return group !== undefined && group === foreground
}

function withoutScript(): string | false {
  const { stdout, error } = spawnSync('script', ['--version'], { encoding: 'utf8' })
  return !error && stdout.includes('util-linux') ? false : 'no script(1) of util-linux to be the terminal'
}
