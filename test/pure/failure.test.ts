import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { DiedEarly } from '../../src/launch/birth.ts'
import { StepFailed } from '../../src/launch/launcher.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Resources } from '../../src/oci/resources.ts'
import { box, host, type Step } from '../../src/plan/plan.ts'
import { Complaint } from '../../src/workshop/complaint.ts'
import type { Fault } from '../../src/workshop/explain/cause.ts'
import type { Finding } from '../../src/workshop/explain/explain.ts'
import { complaintOf, remedyOf } from '../../src/workshop/explain/failure.ts'

const spec = (resources: Resources = {}) => defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], resources })
const write: Step = { ...host('write', ['/cg/x/pids.max', '5'], ''), lesson: 4 }
const execvpe = (name: string): Step => ({ ...box('execvpe', [name, [name], []], ''), lesson: 1 })
const failed = (step: Step, code: keyof typeof constants.errno): StepFailed =>
  new StepFailed(step, constants.errno[code], [])

const about = { name: 'a/cause', precondition: 'It is so', man: 'write(2)', call: 'write' } as const
const isSo: Finding = { ...about, verdict: 'so' }
const isFalse = (fault: Fault): Finding => ({ ...about, verdict: 'false', fault })
const first: Fault = { fact: 'this is so', remedy: 'Do that', status: 127 }
const second: Fault = { fact: 'another', remedy: 'Do another' }

const complaint = (error: StepFailed, ...findings: Finding[]): Complaint => {
  const found = complaintOf(error, spec(), findings)
  assert.ok(found instanceof Complaint)
  assert.equal(found.cause, error)
  return found
}

test('complaintOf names call, error, fact and remedy when a wall could not be built', () => {
  const { message, status } = complaint(failed(write, 'EROFS'), isSo, isFalse(first), isFalse(second))
  assert.match(
    message,
    /^Cannot finish the box: write\(\/cg\/x\/pids\.max, 5\) gave EROFS: this is so\n {2}Do that(\n|$)/,
  )
  assert.equal(status, 125)
})

test('complaintOf sends to the man page when no cause is known', () => {
  const { message } = complaint(failed(write, 'ENOSPC'), isSo)
  assert.match(message, /gave ENOSPC\n {2}The man page says when that can be: man 2 write(\n|$)/)
  assert.match(complaint(failed(execvpe('sh'), 'EIO')).message, /: the kernel says EIO\n {2}.*man 2 execve(\n|$)/)
})

test('complaintOf names the command and gives 127 or 126, as a shell does, when it could not be executed', () => {
  const gone = complaint(failed(execvpe('nothing'), 'ENOENT'), isFalse(first))
  assert.deepEqual([gone.message, gone.status], ['Cannot execute "nothing": this is so\n  Do that', 127])
  assert.equal(complaint(failed(execvpe('x'), 'EACCES'), isFalse(second)).status, 126)
  assert.equal(complaint(failed(execvpe('x'), 'EACCES')).status, 126)
})

test('complaintOf shortens the name of a command when it is very long', () => {
  const { message } = complaint(failed(execvpe('x'.repeat(5000)), 'ENAMETOOLONG'))
  assert.ok(message.startsWith(`Cannot execute "${'x'.repeat(100)}…": `))
})

test('complaintOf suspects the memory limit when the box died early and had one', () => {
  const error = new DiedEarly({ ...box('chdir', ['/'], ''), lesson: 1 })
  const said = (resources: Resources): string => (complaintOf(error, spec(resources), []) as Complaint).message
  const start = 'Cannot finish the box: its process was killed while it was about to chdir\n  '
  assert.equal(said({}), `${start}Something ended it with SIGKILL`)
  assert.match(said({ memory: { limit: 4096n } }), /\n {2}Its memory limit of 4096 bytes may be less than Node needs/)
})

test('complaintOf hands back what it knows nothing of', () => {
  for (const error of [new Error('other'), undefined, 'text']) assert.equal(complaintOf(error, spec(), []), error)
})

test('remedyOf gives the remedy of the first cause that was found, or the man page', () => {
  assert.equal(remedyOf(failed(write, 'EROFS'), [isSo, isFalse(second), isFalse(first)]), 'Do another')
  assert.match(remedyOf(failed(write, 'EROFS'), [isSo]), /man 2 write$/)
})
