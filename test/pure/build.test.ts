/** What is in C is built when the project is installed. A machine without a compiler is told what it lacks, and has lessons 1–4 all the same. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repository } from './workshop.ts'

test('the build says what to install, and fails nothing, when there is no C compiler', () => {
  const program = join(repository, 'dist/launch')
  const before = existsSync(program) && statSync(program).mtimeMs
  const { status, stderr } = spawnSync(process.execPath, [join(repository, 'native/build.mjs')], {
    encoding: 'utf8',
    env: { PATH: '/no/such/directory' },
  })
  assert.equal(status, 0)
  assert.match(stderr, /^boxwright: Cannot build the native launcher \(lessons 1–4 work without it\): /)
  assert.match(stderr, /\n {2}Install a C compiler \(Debian: apt-get install gcc libc6-dev\), then: npm run prepare\n/)
  assert.equal(existsSync(program) && statSync(program).mtimeMs, before)
})
