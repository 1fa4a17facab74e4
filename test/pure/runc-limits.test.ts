/** What `boxwright-runc update` and `ps` make of their options, and of ps(1)'s lines. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf } from '../../src/cli/runc/ps.ts'
import { wished } from '../../src/cli/runc/update.ts'

test('limits stand where config.json has them when they are given one by one', () => {
  const given = { memory: '64m', 'memory-swap': '-1', 'pids-limit': '32', 'cpuset-cpus': '0-1', 'cpu-quota': '50000' }
  assert.deepEqual(wished(given), {
    memory: { limit: 67_108_864n, swap: -1n },
    pids: { limit: 32n },
    cpu: { cpus: '0-1', quota: 50_000n },
  })
})

test('a limit is refused by its name when it is no number', () => {
  assert.throws(() => wished({ 'pids-limit': 'many' }), /^Complaint: Cannot set --pids-limit to "many"/)
  assert.throws(() => wished({ memory: 'much' }), /Cannot set --memory to "much"/)
})

const LINES = 'UID          PID    PPID CMD\nroot           1       0 init 77\nroot          77       1 sleep 1\n'

test('a process is known by its column when others have its number elsewhere', () => {
  assert.deepEqual(linesOf(LINES, new Set([77])), LINES.trimEnd().split('\n').toSpliced(1, 1))
})

test('no process is shown when ps(1) does not say which it is', () => {
  assert.throws(() => linesOf('COMMAND\nsleep\n', new Set([1])), /leave out PID/)
})
