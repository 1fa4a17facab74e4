/** Signals that come between a command's first words and our hearing that it runs. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Signals } from '../../src/launch/signals.ts'

test('a signal is the command’s when that runs already, and we have not heard of it yet', async () => {
  using signals = new Signals()
  const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done'
  const command = spawn('sh', ['-c', script], { env: { PATH: '/usr/bin:/bin' }, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(command, 'exit')
  signals.to({ pid: command.pid ?? 0 })
  await once(command.stdout, 'data')
  process.kill(process.pid, 'SIGTERM')
  assert.deepEqual(await ended, [9, null])
  assert.equal(signals.status, undefined)
})
