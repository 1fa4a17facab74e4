/** Who would hear a signal. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { test } from 'node:test'
import { statusOf } from '../../src/kernel/proc.ts'
import { hasSignal, hearingIn, hearingOf, type Hearing } from '../../src/kernel/signal.ts'

const { SIGKILL, SIGPIPE, SIGTERM, SIGUSR2, SIGWINCH } = constants.signals

test('the first process of a namespace does not hear what it does not handle, and any other process does', () => {
  assert.equal(hearingOf(1, SIGKILL), 'unheard') // which nobody can handle
  assert.equal(hearingOf(process.pid, SIGTERM), 'heard')
})

const masks = (caught: number, ignored: number, blocked: number, pending: number): string =>
  `SigCgt:\t${caught}\nSigIgn:\t${ignored}\nSigBlk:\t${blocked}\nShdPnd:\t${pending}\n`
const NONE = masks(0, 0, 0, 0)

const STATUSES: [status: string, hearing: Hearing][] = [
  [`State:\tS (sleeping)\nNSpid:\t812\n${NONE}`, 'heard'],
  [`State:\tS (sleeping)\nNSpid:\t812\t1\n${masks(4000, 0, 0, 0)}`, 'heard'],
  [`State:\tS (sleeping)\nNSpid:\t812\t1\n${masks(0, 4000, 4000, 4000)}`, 'heard'],
  [`State:\tZ (zombie)\nNSpid:\t812\t1\n${NONE}`, 'heard'],
  [`State:\tR (running)\nNSpid:\t812\t1\n${masks(8000, 0, 0, 0)}`, 'unheard'],
  [`State:\tR (running)\nNSpid:\t812\t1\n${masks(0, 0, 4000, 0)}`, 'blocked'],
  [`State:\tR (running)\nNSpid:\t812\t1\n${masks(0, 0, 4000, 4000)}`, 'pending'],
]

for (const [status, hearing] of STATUSES)
  test(`SIGTERM is ${hearing} when a process is ${status.replace(/\s+/g, ' ').trim()}`, () =>
    assert.equal(hearingIn(status, SIGTERM), hearing))

test('who has ended leaves nothing unheard', () => {
  const { pid } = spawnSync('true')
  assert.equal(hearingOf(pid, SIGTERM), 'heard')
})

test('hasSignal sees the one signal that is caught, and those that are ignored, when there are others', () => {
  const caught = (signal: number): boolean => hasSignal(statusOf('self'), 'SigCgt', signal)
  const handler = (): void => {}
  const before = [SIGUSR2 - 1, SIGUSR2, SIGUSR2 + 1].map(caught)
  process.on('SIGUSR2', handler)
  assert.deepEqual([before[1], [SIGUSR2 - 1, SIGUSR2, SIGUSR2 + 1].map(caught)], [false, [before[0], true, before[2]]])
  process.off('SIGUSR2', handler)
  assert.equal(caught(SIGUSR2), false)
  assert.equal(hasSignal(statusOf('self'), 'SigIgn', SIGPIPE), true) // Node does that
  assert.equal(hasSignal(statusOf('self'), 'SigIgn', SIGWINCH), false)
})
