/** The judge of lesson 11 is judged: it has boxes stand on a program's snapshots, and looks at what they see and at what is kept. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { Court, failedIn, repository, shown } from './court.ts'
import { judges } from './judged.ts'
import { skipWithoutRoot } from './world.ts'

const BOXWRIGHT = join(repository, 'src/cli/boxwright.mjs')

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

suite('the judge of lesson 11', { skip: skipWithoutRoot }, () => {
  test('lesson 11 scores less than all when its exercise is not solved', async () => {
    await court.boxwright('begin', '11')
    const verdict = await court.judged('11')
    assert.deepEqual(failedIn(verdict), ['untouched', 'apart', 'order'], shown(verdict))
  })

  test('lesson 11 gives three hints for its exercise when it is not solved', async () => {
    for (const hint of [/Who of them may write/, /merged directory is formed/, /\+ {2}return/])
      assert.match((await court.boxwright('hint', '11')).stdout, hint)
  })

  judges(() => court, '11-snapshots')

  test('lesson 11 scores all when the stage itself is judged as any other program', async () => {
    const verdict = await court.judged('11', '--', court.program(`exec node "${BOXWRIGHT}" stage 11 "$@"`))
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('a program that prints the right words scores nothing when lesson 11 is judged', async () => {
    const verdict = await court.judged('11', '--', court.program('echo "overlay on / type overlay"', 'exit 0'))
    assert.equal(verdict.passed, 0, shown(verdict))
  })

  test('a program that runs the command on the host scores nothing, and does no harm, when lesson 11 is judged', async () => {
    const verdict = await court.judged('11', '--', court.program('[ "$1" = run ] || exit 0', 'shift 3', 'exec "$@"'))
    assert.equal(verdict.passed, 0, shown(verdict))
  })

  test('a program that mounts on the host is told so, and it is taken away, when lesson 11 is judged', async () => {
    const untidy = court.program(
      '[ "$1" = run ] && mkdir -p "$2/here" && mount -t tmpfs left "$2/here"',
      `exec node "${BOXWRIGHT}" stage 11 "$@"`,
    )
    assert.ok(failedIn(await court.judged('11', '--', untidy)).includes('gone'))
    assert.ok(!fs.readFileSync('/proc/self/mountinfo', 'utf8').includes(' - tmpfs left '))
  })
})

suite('stage 11', { skip: skipWithoutRoot }, () => {
  const stage = (...words: string[]) => court.boxwright('stage', '11', ...words)
  const imported = async (): Promise<string> => {
    const [store, image] = [court.newPlace(), join(court.newPlace(), 'image')]
    fs.mkdirSync(image)
    fs.writeFileSync(join(image, 'file'), 'content')
    assert.equal((await stage('import', store, 'base', image)).status, 0)
    return store
  }

  test('says what there is to be asked when it is asked for something else', async () => {
    const { status, stderr } = await stage('repair', court.newPlace())
    assert.notEqual(status, 0)
    assert.match(stderr, /none of its commands[\s\S]*prepare STORE KEY \[PARENT\]/)
  })

  test('refuses a snapshot on one that is not committed when it is prepared', async () => {
    const store = await imported()
    await stage('prepare', store, 'one', 'base')
    assert.match((await stage('prepare', store, 'two', 'one')).stderr, /that one is not committed/)
    assert.match((await stage('remove', store, 'base')).stderr, /"one" stands on it/)
  })

  for (const driver of ['overlay', 'native'])
    test(`lists what is kept when it is kept by ${driver}`, async () => {
      const [store, image] = [court.newPlace(), court.newPlace()]
      await stage('--driver', driver, 'import', store, 'base', image)
      await stage('--driver', driver, 'prepare', store, 'one', 'base')
      const { stdout } = await stage('--driver', driver, 'list', store)
      assert.match(stdout, /^base {8}committed\none {9}active {6}base$/m)
    })

  test('complains of a driver with its name when the file exports none', async () => {
    const file = join(court.newPlace(), 'driver.ts')
    fs.writeFileSync(file, 'export const other = 1\n')
    assert.match(
      (await stage('--driver', file, 'list', court.newPlace())).stderr,
      /exports no function of the name "overlay"/,
    )
  })
})
