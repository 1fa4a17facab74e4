import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Result } from '../../src/launch/launcher.ts'
import { isFine } from '../../src/launch/launcher.ts'
import { play as played } from '../../src/launch/play.ts'

const directory = mkdtempSync(join(tmpdir(), 'play-'))
after(() => rmSync(directory, { recursive: true }))

const play = (step: { call: string; args: unknown[] }): Result => played(step as never)

test('play gives 0 and a time when the kernel did it', () => {
  const { errno, nanoseconds } = play({ call: 'mkdir', args: [join(directory, 'made'), 0o755] })
  assert.equal(errno, 0)
  assert.ok(nanoseconds > 0)
})

test("play gives the kernel's number when it refused", () => {
  assert.equal(play({ call: 'rmdir', args: ['/no/such'] }).errno, constants.errno.ENOENT)
  assert.equal(play({ call: 'mkdir', args: ['/proc', 0o755] }).errno, constants.errno.EEXIST)
})

test('play gives ENOEXEC, and not success, when what is to be executed is no program', () => {
  const text = join(directory, 'text')
  writeFileSync(text, 'no program', { mode: 0o755 })
  assert.equal(play({ call: 'execvpe', args: [text, [text], []] }).errno, constants.errno.ENOEXEC)
})

test('play throws when the plan itself is wrong', () => {
  assert.throws(() => play({ call: 'chdir', args: ['/\0'] }), TypeError)
})

test('isFine holds when the kernel did it, or gave an error that the step allows, and not otherwise', () => {
  const result = (errno: number) => ({ errno, nanoseconds: 1 })
  assert.equal(isFine({}, result(0)), true)
  assert.equal(isFine({ fine: ['EEXIST'] }, result(0)), true)
  assert.equal(isFine({ fine: ['ENOENT', 'EEXIST'] }, result(constants.errno.EEXIST)), true)
  assert.equal(isFine({ fine: ['EEXIST'] }, result(constants.errno.EPERM)), false)
  assert.equal(isFine({}, result(constants.errno.EPERM)), false)
  assert.equal(isFine({ fine: ['EEXIST'] }, result(4711)), false)
})
