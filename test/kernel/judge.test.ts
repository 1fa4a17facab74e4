/** The judge is judged: what is right passes, each kept mistake gets its own diagnosis, and a liar gets nothing. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { skipWithoutRoot, World, type Ran } from './world.ts'

const options = { skip: skipWithoutRoot }
const repository = fileURLToPath(new URL('../../', import.meta.url))
const LESSONS = ['01-chroot', '02-namespaces']

interface Judged {
  passed: number
  total: number
  checks: { id: string; verdict: string; found?: string; cause?: string }[]
}

let world: World
before(() => void (world = new World()))
after(() => world[Symbol.asyncDispose]())

const boxwright = (...words: string[]): Promise<Ran> =>
  world.run(words, { env: { BOXWRIGHT_WORK: join(world.directory, 'work') } })

async function judged(...words: string[]): Promise<Judged> {
  const [verb = [], program = []] = split(words)
  const { stdout, stderr, status } = await boxwright('check', ...verb, '--json', ...program)
  assert.ok(stdout.startsWith('{'), stderr)
  const verdict = JSON.parse(stdout) as Judged
  assert.equal(status, verdict.passed === verdict.total ? 0 : 1)
  return verdict
}

/** Before and from `--` on. */
function split(words: readonly string[]): [string[], string[]] {
  const at = words.indexOf('--')
  return at < 0 ? [[...words], []] : [words.slice(0, at), words.slice(at)]
}

const failedIn = ({ checks }: Judged): string[] =>
  checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id)

const shown = (verdict: Judged): string => JSON.stringify(verdict.checks.filter((check) => check.verdict !== 'passed'))

/** A program that is not ours, of a few lines of shell. ROOTFS and the command are `"$@"`. */
function script(name: string, ...lines: string[]): string {
  const file = join(world.directory, name)
  fs.writeFileSync(file, ['#!/bin/sh', 'shift', ...lines, ''].join('\n'), { mode: 0o755 })
  return file
}

const numberOf = (lesson: string): string => String(parseInt(lesson, 10))
const wrongOf = (lesson: string): string[] => fs.readdirSync(join(repository, 'lessons', lesson, 'wrong'))

for (const lesson of LESSONS) {
  const number = numberOf(lesson)

  suite(`the judge of lesson ${number}`, options, () => {
    test(`lesson ${number} scores less than all when its exercise is not solved`, async () => {
      await boxwright('begin', number)
      const verdict = await judged(number)
      assert.ok(verdict.passed < verdict.total)
      assert.notDeepEqual(failedIn(verdict), [])
    })

    test(`lesson ${number} scores all when the exercise is solved`, async () => {
      await boxwright('catchup', number)
      const verdict = await judged(number)
      assert.equal(verdict.passed, verdict.total, shown(verdict))
    })

    test(`lesson ${number} scores all when a stage is judged as any other program`, async () => {
      const file = script(`stage-${number}`, ...asStage(number))
      const verdict = await judged(number, '--', file)
      assert.equal(verdict.passed, verdict.total, shown(verdict))
    })

    for (const name of wrongOf(lesson))
      test(`lesson ${number} gives "${name}" its own diagnosis when it is judged`, async () => {
        const file = join(repository, 'lessons', lesson, 'wrong', name)
        const { diagnosis, cause = '' } = (await import(pathToFileURL(file).href)) as Wrong
        const verdict = await judged(number, '--wall', file)
        const [first] = verdict.checks.filter((check) => check.verdict === 'failed')
        assert.equal(first?.id, diagnosis, shown(verdict))
        assert.ok(`${first?.cause} ${first?.found}`.includes(cause), shown(verdict))
      })

    test(`lesson ${number} has three kept mistakes or more when they are counted`, () => {
      assert.ok(wrongOf(lesson).length >= 3)
    })
  })
}

interface Wrong {
  diagnosis: string
  cause?: string
}

/** Limits stand before ROOTFS, and a stage takes both as options. */
const asStage = (number: string): string[] => [
  'limits=',
  'while [ "${1#--}" != "$1" ]; do limits="$limits $1 $2"; shift 2; done',
  'rootfs=$1; shift',
  `exec node ${join(repository, 'src/cli/boxwright.mjs')} stage ${number} run $limits --rootfs "$rootfs" "$@"`,
]

suite('the judge and programs that are not ours', options, () => {
  const liar = ['echo "root: ok"', 'echo "PID 1, host name box, all limits set"', 'exit 0']

  for (const lesson of LESSONS) {
    const number = numberOf(lesson)

    test(`a script that prints the right words scores nothing when lesson ${number} is judged`, async () => {
      const verdict = await judged(number, '--', script('liar', ...liar))
      assert.equal(verdict.passed, 0)
    })

    test(`a program that runs the command on the host scores nothing when lesson ${number} is judged`, async () => {
      const onHost = script('host', 'while [ "${1#--}" != "$1" ]; do shift 2; done', 'shift', 'exec "$@"')
      const verdict = await judged(number, '--', onHost)
      assert.equal(verdict.passed, 0, shown(verdict))
    })
  }

  test('chroot(8) scores all when lesson 1 is judged', async () => {
    const verdict = await judged('1', '--', script('chroot', 'exec chroot "$@"'))
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('a program that joins its words fails by its arguments alone when lesson 1 is judged', async () => {
    const joins = script('joins', 'exec chroot "$1" /bin/sh -c "$4" $5 $6 $7 $8 $9')
    assert.deepEqual(failedIn(await judged('1', '--', joins)), ['arguments'])
  })

  test('a program that ends well whatever happens fails by its status alone when lesson 1 is judged', async () => {
    assert.deepEqual(failedIn(await judged('1', '--', script('well', 'chroot "$@"; exit 0'))), ['status'])
  })

  test('a program that leaves a process behind is told so when lesson 1 is judged', async () => {
    const verdict = await judged('1', '--', script('leaves', 'chroot "$1" sleep 1000 & exec chroot "$@"'))
    assert.deepEqual(failedIn(verdict), ['clean'])
    assert.match(shown(verdict), /process \d+ \(sleep\)/)
  })
})

test('the judge leaves the host as it was when it has judged', options, async () => {
  const inventory = world.inventory()
  const name = execFileSync('hostname', { encoding: 'utf8' })
  await judged('1', '--', script('chroot', 'exec chroot "$@"'))
  assert.deepEqual(world.left(inventory), [])
  assert.equal(execFileSync('hostname', { encoding: 'utf8' }), name)
})

test('hint climbs the ladder of the check that failed when it is asked again', options, async () => {
  await judged('1', '--wall', join(repository, 'lessons/01-chroot/wrong/chroot-alone.ts'))
  const hints = [
    await boxwright('hint'),
    await boxwright('hint', '1'),
    await boxwright('hint'),
    await boxwright('hint'),
  ]
  assert.deepEqual(
    hints.map(({ stdout }) => /hint (\d) of 3/.exec(stdout)?.[1]),
    ['1', '2', '3', '3'],
  )
  assert.match(hints[1]?.stdout ?? '', /man 2 chroot/)
  await judged('1', '--', script('chroot', 'exec chroot "$@"'))
  const { status, stderr } = await boxwright('hint', '1')
  assert.equal(status, 125)
  assert.match(stderr, /Cannot give a hint for lesson 1: no check has failed/)
})
