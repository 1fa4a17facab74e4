/** The judge is judged: what is right passes, each kept mistake gets its own diagnosis, and a liar gets nothing. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { allPids } from '../../src/kernel/proc.ts'
import { Court, failedIn, LESSONS, numberOf, repository, shown, WITHOUT_LIMITS } from './court.ts'
import { judges } from './judged.ts'
import { commandLineOf, skipWithoutRoot, until } from './world.ts'

const options = { skip: skipWithoutRoot }

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

for (const lesson of LESSONS) {
  const number = numberOf(lesson)

  suite(`the judge of lesson ${number}`, options, () => {
    test(`lesson ${number} scores less than all when its exercise is not solved`, async () => {
      await court.boxwright('begin', number)
      const verdict = await court.judged(number)
      assert.ok(verdict.passed < verdict.total)
      assert.notDeepEqual(failedIn(verdict), [])
    })

    judges(() => court, lesson)

    test(`lesson ${number} scores all when a stage is judged as any other program`, async () => {
      const file = court.script(...asStage(number))
      const verdict = await court.judged(number, '--', file)
      assert.equal(verdict.passed, verdict.total, shown(verdict))
    })
  })
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
      const verdict = await court.judged(number, '--', court.script(...liar))
      assert.equal(verdict.passed, 0)
    })

    test(`a program that runs the command on the host scores nothing when lesson ${number} is judged`, async () => {
      const onHost = court.script(WITHOUT_LIMITS, 'shift', 'exec "$@"')
      const verdict = await court.judged(number, '--', onHost)
      assert.equal(verdict.passed, 0, shown(verdict))
    })
  }

  test('chroot(8) scores all when lesson 1 is judged', async () => {
    const verdict = await court.judged('1', '--', court.script('exec chroot "$@"'))
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('a program that joins its words fails by its arguments alone when lesson 1 is judged', async () => {
    const joins = court.script('exec chroot "$1" /bin/sh -c "$4" $5 $6 $7 $8 $9')
    assert.deepEqual(failedIn(await court.judged('1', '--', joins)), ['arguments'])
  })

  test('a program that ends well whatever happens fails by its status alone when lesson 1 is judged', async () => {
    assert.deepEqual(failedIn(await court.judged('1', '--', court.script('chroot "$@"; exit 0'))), ['status'])
  })

  test('a program that leaves a process behind is told so when lesson 1 is judged', async () => {
    const verdict = await court.judged('1', '--', court.script('chroot "$1" sleep 1000 & exec chroot "$@"'))
    assert.deepEqual(failedIn(verdict), ['clean'])
    assert.match(shown(verdict), /process \d+ \(sleep\)/)
  })
})

test('the judge leaves the host as it was when it has judged', options, async () => {
  const inventory = court.inventory()
  const name = execFileSync('hostname', { encoding: 'utf8' })
  await court.judged('1', '--', court.script('exec chroot "$@"'))
  assert.deepEqual(court.left(inventory), [])
  assert.equal(execFileSync('hostname', { encoding: 'utf8' }), name)
})

test(
  'check --watch judges again when the file is saved, and leaves nothing when it is interrupted',
  options,
  async () => {
    const inventory = court.inventory()
    const file = join(court.newPlace(), 'wall.ts')
    fs.writeFileSync(file, sourceOf('lessons/01-chroot/wrong/chroot-alone.ts'))
    const watching = court.open(['check', '1', '--watch', '--wall', file])
    await watching.line(/^5 of 6$/)
    await watching.line(/^Waiting for .* to be saved/)
    fs.writeFileSync(file, sourceOf('src/box/root.ts'))
    await watching.line(/^6 of 6$/)
    watching.signal('SIGINT')
    assert.equal((await watching.ended).status, 130)
    assert.deepEqual(court.left(inventory), [])
  },
)

test('the judge ends its keepers and the program when it is terminated in a trial', options, async () => {
  const [inventory, waits] = [court.inventory(), join(court.newPlace(), 'waits')]
  const judge = court.open(['check', '1', '--', court.script(`echo > ${waits}`, 'exec sleep 100077')])
  await until('the program to be started', () => fs.existsSync(waits))
  judge.signal('SIGTERM')
  assert.equal((await judge.ended).status, 130)
  const isOf = (line: string): boolean => line.includes('boxwright-arena-') || line === 'sleep 100077'
  await until('the program and the keepers to be gone', () => !allPids().some((pid) => isOf(commandLineOf(pid))))
  assert.deepEqual(court.left(inventory), [])
})

/** With imports that lead where they led. */
const sourceOf = (path: string): string =>
  fs.readFileSync(join(repository, path), 'utf8').replace(/from '(?:\.\.\/)+(?:src\/)?/g, `from '${repository}src/`)

test('hint climbs the ladder of the check that failed when it is asked again', options, async () => {
  await court.judged('1', '--wall', join(repository, 'lessons/01-chroot/wrong/chroot-alone.ts'))
  const hints = [
    await court.boxwright('hint'),
    await court.boxwright('hint', '1'),
    await court.boxwright('hint'),
    await court.boxwright('hint'),
  ]
  assert.deepEqual(
    hints.map(({ stdout }) => /hint (\d) of 3/.exec(stdout)?.[1]),
    ['1', '2', '3', '3'],
  )
  assert.match(hints[1]?.stdout ?? '', /man 2 chroot/)
  await court.judged('1', '--', court.script('exec chroot "$@"'))
  const { status, stderr } = await court.boxwright('hint', '1')
  assert.equal(status, 125)
  assert.match(stderr, /Cannot give a hint for lesson 1: no check has failed/)
})
