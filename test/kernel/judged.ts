/** What holds of the judge of any lesson: whoever has solved it scores all, and each mistake that is kept has its own diagnosis. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { failedIn, numberOf, repository, shown, type Court } from './court.ts'

interface Wrong {
  /** The check that it fails. */
  diagnosis: string
  /** What is to be said of it. */
  cause?: string
}

/** @param lesson the name of its directory. @param alone a mistake fails in nothing else. */
export function judges(court: () => Court, lesson: string, { alone = false } = {}): void {
  const number = numberOf(lesson)
  const wrong = join(repository, 'lessons', lesson, 'wrong')

  test(`lesson ${number} scores all when the exercise is solved`, async () => {
    await court().boxwright('catchup', number)
    const verdict = await court().judged(number)
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  for (const name of fs.readdirSync(wrong))
    test(`lesson ${number} gives "${name}" its own diagnosis when it is judged`, async () => {
      const file = join(wrong, name)
      const { diagnosis, cause = '' } = (await import(pathToFileURL(file).href)) as Wrong
      const verdict = await court().judged(number, '--wall', file)
      const failed = failedIn(verdict)
      assert.deepEqual(alone ? failed : failed.slice(0, 1), [diagnosis], shown(verdict))
      const first = verdict.checks.find(({ id }) => id === diagnosis)
      assert.ok(`${first?.cause} ${first?.found}`.includes(cause), shown(verdict))
    })

  test(`lesson ${number} has three kept mistakes or more when they are counted`, () => {
    assert.ok(fs.readdirSync(wrong).length >= 3)
  })
}
