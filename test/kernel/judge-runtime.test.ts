/** The judge of lesson 13 is judged: it follows a container through its life, and takes any runtime that speaks runC's words. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { inventory } from '../../src/kernel/inventory.ts'
import { RUNTIME } from './container-world.ts'
import { Court, failedIn, shown } from './court.ts'
import { judges } from './judged.ts'
import { skipWithoutRoot } from './world.ts'

const skipWithoutRunc = spawnSync('runc', ['--version']).status === 0 ? skipWithoutRoot : 'there is no runc here'

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

suite('the judge of lesson 13', { skip: skipWithoutRoot }, () => {
  test('lesson 13 scores less than all when its exercise is not solved', async () => {
    await court.boxwright('begin', '13')
    const verdict = await court.judged('13')
    assert.ok(verdict.passed < verdict.total)
  })

  judges(() => court, '13-oci')

  test('lesson 13 scores all when boxwright-runc is judged as any other program', async () => {
    const verdict = await court.judged('13', '--', RUNTIME)
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('a runtime that prints the right words scores nothing when lesson 13 is judged', async () => {
    const liar = court.program('echo \'{"status": "created", "pid": 1}\'', 'exit 0')
    const verdict = await court.judged('13', '--', liar)
    assert.equal(verdict.passed, 0, shown(verdict))
  })

  test('a runtime that starts at create fails by just that when lesson 13 is judged', async () => {
    const hasty = court.program(
      `case "$*" in *" create "*) "${RUNTIME}" "$@" && exec "${RUNTIME}" "$1" "$2" start "$6" ;; esac`,
      `exec "${RUNTIME}" "$@"`,
    )
    assert.equal(failedIn(await court.judged('13', '--', hasty))[0], 'waits')
  })

  test('a runtime that leaves its containers behind is told so, and they are removed, when lesson 13 is judged', async () => {
    const acts = join(court.newPlace(), 'acts')
    const untidy = court.program(
      `echo "$*" >>"${acts}"`,
      `case "$*" in *" delete "*) exit 0 ;; esac`,
      `exec "${RUNTIME}" "$@"`,
    )
    assert.ok(failedIn(await court.judged('13', '--', untidy)).includes('gone'))
    const names = new Set(fs.readFileSync(acts, 'utf8').match(/\blife-\w+/g))
    assert.ok(names.size >= 2)
    const left = inventory('NOBODYS').cgroups.filter((path) => names.has(basename(path)))
    assert.deepEqual(left, [])
  })
})

test(
  'Debian’s runc passes lesson 13 but for its poststart hooks when it is judged',
  { skip: skipWithoutRunc },
  async () => {
    assert.deepEqual(failedIn(await court.judged('13', '--', 'runc')), ['hooks'])
  },
)
