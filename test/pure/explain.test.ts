import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { cgroupView } from '../../src/box/cgroup-view.ts'
import { cgroups } from '../../src/box/cgroups.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { root } from '../../src/box/root.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { explain, explainJson } from '../../src/plan/explain.ts'
import { box, host, plan, type Plan, type Step } from '../../src/plan/plan.ts'
import { symbolic } from '../../src/plan/symbols.ts'
import { machines } from './machines.ts'
import { seeded, type Random } from './random.ts'

const chroot: Step = { ...box('chroot', ['/r'], 'look here'), lesson: 1 }
const unshare: Step = { ...host('unshare', [0x20000000], 'a new world'), lesson: 2 }

test('explain gives number, lane, call, reason and lesson when nothing has run', () => {
  assert.equal(
    explain([unshare, chroot]),
    [
      ' #  lane  call',
      ' 1  host  unshare(CLONE_NEWPID)',
      '          – a new world (2)',
      ' 2  box   chroot(/r)',
      '          – look here (1)',
    ].join('\n'),
  )
})

test('explain gives the head alone when there are no steps', () => {
  assert.equal(explain([]), ' #  lane  call')
  assert.equal(explain([], []), ` #  lane  call${' '.repeat(48)}result      µs`)
})

/** Everything to the right of the calls. */
const afterRun = (text: string): string[] => text.split('\n').map((line) => line.slice(62))

test('explain gives error and microseconds in columns, and says what was not reached, when a run stopped', () => {
  const results = [
    { errno: 0, nanoseconds: 1499 },
    { errno: constants.errno.EPERM, nanoseconds: 12_345_678 },
  ]
  assert.deepEqual(afterRun(explain([unshare, chroot, chroot], results)), [
    'result      µs',
    'ok           1',
    '',
    'EPERM    12346',
    '',
    'not reached',
    '',
  ])
})

test('explain keeps a space between error and microseconds when the error has a long name', () => {
  const results = [{ errno: constants.errno.ENAMETOOLONG, nanoseconds: 12_345_678 }]
  assert.equal(afterRun(explain([chroot], results))[1], 'ENAMETOOLONG 12346')
})

test('explain breaks a call after a comma or a slash, and indents the rest, when it is long', () => {
  const long = (target: string, path: string): Step => ({ ...box('symlink', [target, path], 'why'), lesson: 3 })
  const [a, b] = ['a'.repeat(40), 'b'.repeat(40)]
  assert.deepEqual(explain([long(a, b), long(`${a}/${b}`, 'c')]).split('\n'), [
    ' #  lane  call',
    ` 1  box   symlink(${a},`,
    `            ${b})`,
    '          – why (3)',
    ` 2  box   symlink(${a}/`,
    `            ${b}, c)`,
    '          – why (3)',
  ])
})

const WALLS = [cgroups, namespaces, root, mounts, devices, cgroupView, command]
const DIRECTORY = 'abcdefgh/.-_, |'

function randomPlan(random: Random): Plan {
  const word = (): string => random.text(random.pick([5, 30, 200, 2000]), DIRECTORY)
  const spec = defaultSpec({
    id: random.text(8),
    rootfs: `/${word()}`,
    args: [random.text(12), ...random.list(4, word)],
    hostname: word(),
    resources: random.pick([{}, { memory: { limit: (1n << 63n) - 1n }, pids: { limit: 32n } }]),
  })
  const machine = machines[random.pick(['v1', 'v2', 'hybrid', 'divided', 'v2Delegated'] as const)]
  return plan(
    spec,
    random.list(12, () => random.pick(WALLS)),
    machine,
  )
}

/** Errors that the plans' calls are known to give: none has a longer name than ENAMETOOLONG. */
const ERRORS = Object.values(constants.errno).filter((_, n) => (Object.keys(constants.errno)[n] ?? '').length <= 12)

const randomResults = (random: Random, plan: Plan): { errno: number; nanoseconds: number }[] =>
  plan.slice(random.below(4)).map(() => ({ errno: random.pick([0, ...ERRORS]), nanoseconds: random.below(99_999_999) }))

test('explain fits into 80 columns when plans of up to 99 steps, and their results, are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 300; round++) {
    const steps = randomPlan(random).slice(-99)
    const results = random.pick([undefined, randomResults(random, steps)])
    const tooLong = explain(steps, results)
      .split('\n')
      .filter((line) => line.length > 80)
    assert.deepEqual(tooLong, [], `round ${round}`)
  }
})

/** Without the white space at which lines may be broken. */
const bare = (text: string): string => text.replace(/\s/g, '')

test('explain loses no character of a call when plans are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 100; round++) {
    const steps = randomPlan(random)
    const expected = steps.map((step, n) => `${n + 1}${step.lane}${symbolic(step)}–${step.why}(${step.lesson})`)
    assert.equal(bare(explain(steps)), bare(`# lane call${expected.join('')}`))
  }
})

test('explain breaks a call of a megabyte into lines of one width when an argument is that long', () => {
  const lines = explain([{ ...box('execvpe', ['sh', ['x'.repeat(1 << 20)], []], 'run'), lesson: 1 }]).split('\n')
  assert.deepEqual([...new Set(lines.slice(3, -2).map(({ length }) => length))], [78])
})

test('explainJson can be parsed, and says all that explain says, when plans and results are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 100; round++) {
    const steps = randomPlan(random)
    const results = random.pick([undefined, randomResults(random, steps)])
    const rows = JSON.parse(explainJson(steps, results)) as unknown
    const expected = steps.map((step, n) => ({
      step: n + 1,
      ...step,
      text: symbolic(step),
      ...(results?.[n] && { result: results[n] }),
    }))
    assert.deepEqual(rows, expected)
  }
})
