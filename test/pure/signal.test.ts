/** Who would hear a signal. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { test } from 'node:test'
import { isUnheard } from '../../src/kernel/signal.ts'

const { SIGKILL, SIGTERM } = constants.signals

test('the first process of a namespace does not hear what it does not handle, and any other process does', () => {
  assert.equal(isUnheard(1, SIGKILL), true) // which nobody can handle
  assert.equal(isUnheard(process.pid, SIGTERM), false)
})

test('who has ended leaves nothing unheard', () => {
  const { pid } = spawnSync('true')
  assert.equal(isUnheard(pid, SIGTERM), false)
})
