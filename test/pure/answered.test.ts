import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered } from '../../src/runtime/answered.ts'

test('a command that is missing is told in the words that callers look for when it was looked for along PATH', () => {
  assert.equal(answered('ENOENT', 'sh'), 'ENOENT: executable file not found in $PATH')
  assert.equal(answered('ENOENT', '/bin/sh'), 'ENOENT: no such file or directory')
})

test('an answer of the kernel has its words when it has any', () => {
  assert.equal(answered('EACCES', '/etc'), 'EACCES: permission denied')
  assert.equal(answered('EPERM'), 'EPERM: operation not permitted')
  assert.equal(answered('ENOSUCHCODE'), 'ENOSUCHCODE')
})
