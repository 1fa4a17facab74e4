/** The judge of lesson 9 is judged: it gives images to programs that unpack, and looks at what they have made of them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { Court, failedIn, repository, shown } from './court.ts'
import { judges } from './judged.ts'
import { skipWithoutRoot } from './world.ts'

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

suite('the judge of lesson 9', { skip: skipWithoutRoot }, () => {
  test('lesson 9 scores less than all when its exercise is not solved', async () => {
    await court.boxwright('begin', '9')
    const verdict = await court.judged('9')
    assert.ok(verdict.passed < verdict.total)
    assert.deepEqual(failedIn(verdict), ['order', 'digest'])
  })

  test('lesson 9 gives three hints for its exercise when it is not solved', async () => {
    for (const hint of [/which has to be unpacked first/, /stack order/, /\+ {2}for/])
      assert.match((await court.boxwright('hint', '9')).stdout, hint)
  })

  judges(() => court, '09-images', { alone: true })

  test('lesson 9 scores all when the stage itself is judged as any other program', async () => {
    const stage = court.program(`exec node "${join(repository, 'src/cli/boxwright.mjs')}" stage 9 "$@"`)
    const verdict = await court.judged('9', '--', stage)
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('a program that prints the right words scores nothing when lesson 9 is judged', async () => {
    const verdict = await court.judged('9', '--', court.program('echo "all layers unpacked, digests right"'))
    assert.equal(verdict.passed, 0, shown(verdict))
  })

  test('a program that refuses every image scores nothing when lesson 9 is judged', async () => {
    const verdict = await court.judged('9', '--', court.program('exit 1'))
    assert.equal(verdict.passed, 0, shown(verdict))
  })
})
