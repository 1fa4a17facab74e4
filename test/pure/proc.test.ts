/** The readers are shown real processes: this one, and children that have an awkward name, or have ended. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as proc from '../../src/kernel/proc.ts'

/** Made to look like the end of the name, and the fields after it. */
const AWKWARD = ') Z 1 (a b) Z'

/** A shell that runs a script, says a word and then waits. @returns it, and the word. */
async function shell(
  t: TestContext,
  script: string,
): Promise<{ pid: number; word: string; end: () => Promise<unknown> }> {
  const child = spawn('sh', ['-c', script], {
    env: { ...process.env, NAME: AWKWARD },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const end = (): Promise<unknown> => {
    child.kill('SIGKILL')
    return once(child, 'exit')
  }
  return { pid: child.pid ?? 0, word: said.toString().trim(), end }
}

test('parentOf, processId and isAlive count fields from the end of the name when it has spaces and parentheses', async (t) => {
  const { pid } = await shell(t, 'printf %s "$NAME" >/proc/$$/comm; echo ready; read _')
  assert.equal(proc.statusField(pid, 'Name'), AWKWARD)
  assert.equal(proc.parentOf(pid), process.pid)
  const [own, its] = [process.pid, pid].map((number) => proc.processId(number)?.started ?? 0)
  assert.ok(own && its && its >= own, `${its} is before our own start, ${own}`)
  assert.equal(proc.isAlive({ pid, started: its }), true)
  assert.equal(proc.isAlive({ pid, started: its + 1 }), false)
})

test('isAlive is false, and nothing is known of it, when the process is gone', async (t) => {
  const { pid, end } = await shell(t, 'echo ready; read _')
  const known = proc.processId(pid)
  await end()
  assert.equal(proc.isAlive(known), false)
  assert.equal(proc.isAlive(undefined), false)
  assert.deepEqual([proc.processId(pid), proc.parentOf(pid), proc.environmentOf(pid)], [undefined, undefined, []])
})

test('isAlive is false when the process has ended and its parent has not asked how', async (t) => {
  // The child ends when cat has taken the shell's place: cat never waits for a child that it knows nothing of.
  const isShell = '[ "$(cat /proc/$$/comm)" != cat ]'
  const { word } = await shell(t, `(while ${isShell}; do sleep 0.01; done) & echo $!; exec cat`)
  const pid = Number(word)
  for (let tries = 0; tries < 6000 && !proc.statusField(pid, 'State').startsWith('Z'); tries++) await sleep(10)
  assert.equal(proc.statusField(pid, 'State'), 'Z (zombie)')
  assert.equal(proc.processId(pid)?.pid, pid)
  assert.equal(proc.isAlive(proc.processId(pid)), false)
})

test('statusField gives the field of that name alone, and nothing when there is none', () => {
  assert.equal(proc.statusField('self', 'Pid'), String(process.pid))
  assert.equal(proc.statusField('self', 'PPid'), String(process.ppid))
  for (const part of ['id', 'Thread']) assert.equal(proc.statusField('self', part), '')
  assert.equal(proc.statusField('self', 'NoSuchField'), '')
})

test('pidsOf gives our own number first', () => {
  assert.equal(proc.pidsOf(process.pid)[0], process.pid)
  assert.ok(proc.pidsOf(process.pid).every(Number.isInteger))
})

test('namespaceOf gives the number of the inode when asked for any of ours', () => {
  for (const name of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const)
    assert.equal(proc.namespaceOf('self', name), statSync(`/proc/self/ns/${name}`).ino)
})

test('allPids has our own number and our parent’s, and numbers alone', () => {
  const all = proc.allPids()
  assert.ok(all.includes(process.pid) && all.includes(process.ppid))
  assert.ok(all.every((pid) => Number.isInteger(pid) && pid > 0))
})

test('environmentOf gives what a process was started with', async (t) => {
  const { pid } = await shell(t, 'export LATER=1; echo ready; read _')
  const environment = proc.environmentOf(pid)
  assert.ok(environment.includes(`NAME=${AWKWARD}`))
  assert.ok(!environment.some((entry) => entry.startsWith('LATER=') || entry === ''))
})
