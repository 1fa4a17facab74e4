/** The judge, as a user who is not root: what is right passes, what is not begun does not, and the kept mistakes are seen all the same. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { readCgroups } from '../../src/kernel/cgroups.ts'
import { failedIn, LESSONS, numberOf, repository, shown, type Judged } from '../kernel/court.ts'
import { putBy, skip, UserWorld } from './user.ts'

/** Without root there is nothing of lesson 4 to be seen, unless somebody has delegated a cgroup to the user. */
const CGROUPS = '04-cgroups'

suite('the judge of a user', { skip }, () => {
  let court: UserWorld
  before(() => {
    putBy(false)
    court = new UserWorld()
  })
  after(() => court[Symbol.asyncDispose]())

  const judged = async (...words: string[]): Promise<Judged & { status: number }> => {
    const { stdout, stderr, status } = await court.run(['check', ...words, '--json'])
    assert.ok(stdout.startsWith('{'), stderr)
    return { ...(JSON.parse(stdout) as Judged), status }
  }

  for (const lesson of [...LESSONS, '09-images', '10-registry'].filter((name) => name !== CGROUPS)) {
    const number = numberOf(lesson)

    test(`lesson ${number} scores less than all when a user has not solved its exercise`, async () => {
      await court.run(['begin', number])
      const verdict = await judged(number)
      assert.equal(verdict.status, 1)
      assert.notDeepEqual(failedIn(verdict), [])
    })

    test(`lesson ${number} scores all when a user has solved its exercise`, async () => {
      await court.run(['catchup', number])
      const verdict = await judged(number)
      assert.equal(verdict.passed, verdict.total, shown(verdict))
      assert.equal(verdict.status, 0)
    })
  }

  test('lesson 4 says that nothing can be judged when no cgroup is the user’s', async () => {
    assert.notEqual(readCgroups().layout, 'none')
    await court.run(['catchup', '4'])
    const verdict = await judged('4')
    assert.equal(verdict.status, 1)
    assert.deepEqual(failedIn(verdict), [])
    const { stdout } = await court.run(['check', '4'])
    assert.match(stdout, /Nothing of lesson 4 can be judged here/)
  })

  test('lesson 6 sees each kept mistake when a user makes it', async () => {
    const wrong = join(repository, 'lessons/06-users/wrong')
    for (const name of fs.readdirSync(wrong)) {
      const verdict = await judged('6', '--wall', join(wrong, name))
      assert.equal(verdict.status, 1, name)
    }
  })
})
