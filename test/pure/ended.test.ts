/** Processes that end while they are looked at. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { isEnding, neverBegan, wordsOf } from '../../src/kernel/ending.ts'
import { exitStatusOf, isAlive, processId } from '../../src/kernel/proc.ts'
import { signalProcess } from '../../src/kernel/signal.ts'
import { until } from '../kernel/until.ts'

test('a signal to somebody who has ended is lost, and one that there is not is an error', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  signalProcess(child.pid ?? 0, 'SIGTERM')
  assert.throws(() => signalProcess(process.ppid, 4096), { code: 'EINVAL' })
})

test('how a process has ended is not known while it goes on, and is 0 when it is gone', async () => {
  assert.equal(exitStatusOf(process.pid), undefined)
  const child = spawn('true')
  await once(child, 'exit')
  assert.equal(exitStatusOf(child.pid ?? 0), 0)
})

for (const [how, status] of [
  ['exit 3', 3],
  ['kill -KILL $$', 137],
] as const)
  test(`a process that nobody has waited for has ended with ${status} when it did "${how}"`, async () => {
    // It waits for a word until its parent has become a program that waits for nobody.
    const parent = spawn('sh', ['-c', `sh -c 'read go <&3; ${how}' & echo $!; exec sleep 60`], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    })
    try {
      const [line] = (await once(createInterface({ input: parent.stdout as Readable }), 'line')) as [string]
      const pid = Number(line)
      await until('its parent to be sleep(1)', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n')
      ;(parent.stdio[3] as Writable).write('go\n')
      await until('its end', () => !isAlive(processId(pid)))
      assert.equal(exitStatusOf(pid), status)
    } finally {
      parent.kill('SIGKILL')
    }
  })

test('nobody is ending who goes on, has ended, or goes while they are looked at', async () => {
  const child = spawn('sleep', ['60'])
  const sleeper = { pid: child.pid ?? 0, started: processId(child.pid ?? 0)?.started ?? 0 }
  assert.equal(isEnding(sleeper), false)
  await until('its words', () => wordsOf(sleeper.pid).length > 0) // spawn returns in the middle of execve(2)
  assert.deepEqual(wordsOf(sleeper.pid), ['sleep', '60'])
  assert.equal(neverBegan(sleeper), false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(isEnding(sleeper), false)
  assert.deepEqual(wordsOf(sleeper.pid), [])
  assert.equal(neverBegan(sleeper), undefined)
  const numbers = [process.pid, sleeper.pid]
  const going = { started: processId(process.pid)?.started ?? 0, pid: 0 }
  Object.defineProperty(going, 'pid', { get: () => numbers.shift() })
  assert.equal(isEnding(going), false)
})

test('who was forked alone has never begun, as long as its parent has not waited for it', async () => {
  const parent = spawn('sh', ['-c', '(read go <&3) & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  try {
    const [line] = (await once(createInterface({ input: parent.stdout as Readable }), 'line')) as [string]
    const forked = processId(Number(line)) ?? { pid: 0, started: 0 }
    assert.equal(neverBegan(forked), true)
    await until('its parent to be sleep(1)', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n')
    ;(parent.stdio[3] as Writable).write('go\n')
    await until('its end', () => !isAlive(forked))
    assert.equal(neverBegan(forked), true)
    assert.equal(neverBegan({ ...forked, started: 1 }), undefined)
  } finally {
    parent.kill('SIGKILL')
  }
})
