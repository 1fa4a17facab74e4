/** The launcher's own life: who dies with whom, what it keeps in files, what it says of the box, whose signals it hands on. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isAlive, processId, statusOf } from '../../src/kernel/proc.ts'
import { hasSignal } from '../../src/kernel/signal.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, host } from '../../src/plan/plan.ts'
import { LAUNCH, monitorOf, openIn, planned, play, skipWithoutLauncher, stepsOf } from './native-world.ts'
import { until, World } from './world.ts'

const options = { skip: skipWithoutLauncher }
const PATH = ['PATH=/usr/bin:/bin']
const sh = (script: string) => box('execvpe', ['sh', ['sh', '-c', script], PATH], 'the command')

const started = new Set<ChildProcess>()
after(() => started.forEach((child) => child.kill('SIGKILL')))

/** Starts it, with its box's number in a file. @param through a shell that starts it and stays as its parent. */
function start(
  world: World,
  words: readonly string[],
  script: string,
  through = false,
): { child: ChildProcess; box: Promise<number> } {
  const [plan, pid] = [join(world.newPlace(), 'plan'), join(world.newPlace(), 'pid')]
  fs.writeFileSync(plan, encode(stepsOf(world.base(), 'sh', '-c', script)))
  const all = [...words, '-i', pid, plan]
  const child = through
    ? spawn('sh', ['-c', '"$0" "$@" & wait', LAUNCH, ...all], { stdio: 'ignore' })
    : spawn(LAUNCH, all, { stdio: ['ignore', 'ignore', 'inherit'] })
  started.add(child)
  return { child, box: until('the box’s number', () => fs.existsSync(pid) && Number(fs.readFileSync(pid, 'utf8'))) }
}

test('a step of the host’s is played when it is the last before the command', options, async () => {
  await using world = new World()
  const file = join(world.newPlace(), 'written')
  fs.writeFileSync(file, '')
  const steps = planned(box('chdir', ['/'], ''), host('write', [file, 'pid {box}'], ''), sh('exit 3'))
  assert.deepEqual(play(world, encode(steps)), { status: 3, signal: null, text: '' })
  assert.match(fs.readFileSync(file, 'utf8'), /^pid \d+$/)
})

test('a box ends with whoever started its launcher, and lives on with -k', options, async () => {
  await using world = new World()
  for (const words of [[], ['-k']]) {
    const started = start(world, words, 'exec sleep 1000', true)
    const pid = await started.box
    const identities = [processId(pid), processId(await monitorOf(pid))]
    started.child.kill('SIGKILL')
    await once(started.child, 'exit')
    if (words.length === 0) await until('the end of both', () => identities.every((one) => !isAlive(one)))
    else assert.deepEqual(identities.map(isAlive), [true, true])
    if (isAlive(identities[0])) process.kill(pid, 'SIGKILL')
    await until('the end of the monitor', () => !isAlive(identities[1]))
  }
})

test('a box is alone when its launcher leaves it with -d', options, async () => {
  await using world = new World()
  const { child, box } = start(world, ['-d'], 'exec sleep 1000')
  const [pid, [status]] = (await Promise.all([box, once(child, 'exit')])) as [number, [number]]
  assert.equal(status, 0)
  assert.equal(isAlive(processId(pid)), true)
  process.kill(pid, 'SIGKILL')
  for (const words of [['-k'], ['-s', 'x'], ['-l', 'x']])
    assert.match(play(world, encode(planned(sh('true'))), { options: ['-d', ...words] }).text, /^launch: .*Usage/)
})

test('a launcher takes its box with it when it cannot keep the box’s number', options, async () => {
  await using world = new World()
  const token = `1000.${process.pid}`
  const { status, text } = play(world, encode(planned(sh(`exec sleep ${token}`))), {
    options: ['-d', '-i', '/no/such/pid'],
  })
  assert.equal(status, 125)
  assert.match(text, /^launch: cannot keep a number in its file: No such file or directory\n$/)
  await until('the end of the box', () => !fs.readdirSync('/proc').some((pid) => commandOf(pid).includes(token)))
})

function commandOf(pid: string): string {
  try {
    return /^\d+$/.test(pid) && pid !== String(process.pid) ? fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
  } catch {
    return '' // it has just ended
  }
}

test('the exit status is in its file, whole, when the box has ended', options, async () => {
  await using world = new World()
  const file = join(world.newPlace(), 'status')
  assert.equal(play(world, encode(planned(sh('exit 7'))), { options: ['-s', file] }).status, 7)
  assert.equal(fs.readFileSync(file, 'utf8'), '7')
  assert.deepEqual(fs.readdirSync(join(file, '..')), ['status'])
})

test('a signal that PID 1 does not hear ends the box, and one that it hears reaches it', options, async () => {
  await using world = new World()
  for (const [signal, script, expected] of [
    ['SIGTERM', 'exec sleep 1000', 143],
    ['SIGUSR1', 'exec sleep 1000', 138],
    ['SIGTERM', 'trap "exit 9" TERM; while :; do sleep 0.01; done', 9],
  ] as const) {
    const { child, box } = start(world, [], script)
    const pid = await box
    const isShell = (): boolean => commandOf(String(pid)).includes('trap') // and not yet the launcher, which hears signals as well
    if (expected === 9) await until('the trap', () => isShell() && hasSignal(statusOf(pid), 'SigCgt', 15)) // SIGTERM
    child.kill('SIGWINCH') // a window that changes its size ends nobody
    child.kill(signal)
    assert.deepEqual(await once(child, 'exit'), [expected, null], `${signal}: ${script}`)
  }
})

test('nothing stays open in a monitor but what it needs when its box runs', options, async () => {
  await using world = new World()
  const { child, box } = start(world, [], 'exec sleep 1000')
  const monitor = await monitorOf(await box)
  assert.deepEqual(openIn(monitor), ['anon_inode:[pidfd]', 'anon_inode:[signalfd]', 'socket:[N]'])
  child.kill('SIGTERM')
  await once(child, 'exit')
})

test('a command’s output is its own when its launcher was started with nothing open', options, async () => {
  await using world = new World()
  const [plan, log] = [join(world.newPlace(), 'plan'), join(world.newPlace(), 'log')]
  fs.writeFileSync(plan, encode(stepsOf(world.base(), 'sh', '-c', 'echo out; echo err >&2; ls /proc/self/fd')))
  const child = spawn('sh', ['-c', 'exec "$0" -l "$1" "$2" 0<&- 1>&- 2>&-', LAUNCH, log, plan], { stdio: 'ignore' })
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.match(fs.readFileSync(log, 'utf8'), / stdout F out\n/)
  assert.match(fs.readFileSync(log, 'utf8'), / stderr F err\n/)
})
