/** The judge of lesson 10 is judged: it is the registry, and takes any program that pulls. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { Court, failedIn, repository, shown } from './court.ts'
import { judges } from './judged.ts'
import { skipWithoutRoot } from './world.ts'

const LESSON = join(repository, 'lessons/10-registry')
const skipWithoutSkopeo = spawnSync('skopeo', ['--version']).status === 0 ? skipWithoutRoot : 'there is no skopeo here'

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

suite('the judge of lesson 10', { skip: skipWithoutRoot }, () => {
  test('lesson 10 scores its first check alone when its exercise is not solved', async () => {
    await court.boxwright('begin', '10')
    const verdict = await court.judged('10')
    assert.equal(verdict.passed, 1, shown(verdict))
    assert.ok(!failedIn(verdict).includes('pulled'))
  })

  judges(() => court, '10-registry')

  test('a program that does nothing scores nothing when lesson 10 is judged', async () => {
    const verdict = await court.judged('10', '--', court.script('exit 0'))
    assert.equal(verdict.passed, 0, shown(verdict))
    assert.deepEqual(failedIn(verdict), ['pulled'])
  })

  test('a program in another language is judged as well when lesson 10 is', async () => {
    const program = court.script(
      `exec "${process.execPath}" --import "${import.meta.resolve('tsx')}" "${LESSON}/solution.ts" pull "$@"`,
    )
    const verdict = await court.judged('10', '--', program)
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })
})

test(
  'Debian’s skopeo passes lesson 10 but for what breaks off when it is judged',
  { skip: skipWithoutSkopeo },
  async () => {
    const skopeo = court.script('exec skopeo copy --quiet --src-tls-verify=false "docker://$1" "oci:$2:pulled"')
    const verdict = await court.judged('10', '--', skopeo)
    assert.deepEqual(failedIn(verdict), ['resume'], shown(verdict))
  },
)
