import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { errnoName, SyscallError } from '../../src/kernel/error.ts'
import { codeOf, hasCode } from '../../src/kernel/error-code.ts'

test("SyscallError has the property names of Node's own errors when a call was refused", () => {
  const cause = new Error('below')
  const error = new SyscallError('mount', ['a', '/b', '', 3, ['c', 'd']], 2, { cause })
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'SyscallError')
  assert.equal(error.syscall, 'mount')
  assert.deepEqual(error.args, ['a', '/b', '', 3, ['c', 'd']])
  assert.equal(error.errno, -2)
  assert.equal(error.code, 'ENOENT')
  assert.equal(error.message, 'Cannot mount(a, /b, , 3, c,d): ENOENT')
  assert.equal(error.cause, cause)
})

/** errno(3): two names for one number; the first is the one that Node's own errors have. */
const TWINS: Record<string, string> = { EWOULDBLOCK: 'EAGAIN', EOPNOTSUPP: 'ENOTSUP', EDEADLOCK: 'EDEADLK' }

test('errnoName gives the name by which the number is known when the system has one', () => {
  for (const [name, number] of Object.entries(constants.errno)) assert.equal(errnoName(number), TWINS[name] ?? name)
})

test('errnoName gives a name that no error has when the number is unknown', () => {
  assert.equal(errnoName(4711), 'errno 4711')
})

test('hasCode knows errors of system calls and of Node by their code, and nothing else', () => {
  const refused = new SyscallError('rmdir', ['/'], constants.errno.EBUSY)
  assert.ok(hasCode(refused, 'ENOENT', 'EBUSY'))
  assert.ok(!hasCode(refused, 'ENOENT'))
  assert.ok(hasCode(Object.assign(new Error('another'), { code: 'ERR_ANOTHER' }), 'ERR_ANOTHER'))
  assert.ok(hasCode(Object.assign(new Error('of an addon'), { errno: -constants.errno.EBUSY }), 'EBUSY'))
  assert.equal(codeOf(new Error('no code')), undefined)
  for (const other of [new Error('EBUSY'), { code: 'EBUSY' }, 'EBUSY', undefined]) assert.ok(!hasCode(other, 'EBUSY'))
})
