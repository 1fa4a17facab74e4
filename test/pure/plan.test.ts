import assert from 'node:assert/strict'
import { test } from 'node:test'
import { box, host, lanes, plan, type Wall } from '../../src/plan/plan.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { machines } from './machines.ts'
import { seeded, type Random } from './random.ts'

const spec = defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'] })
const wall = (lesson: number, steps: Wall['steps']): Wall => ({ name: `wall ${lesson}`, lesson, steps })
const paths = (steps: readonly { args: readonly unknown[] }[]): unknown[] => steps.map(({ args }) => args[0])

test('plan puts what the host does first when walls mix the lanes, and keeps the order in each', () => {
  const one = wall(1, () => [box('chroot', ['b1'], ''), host('rmdir', ['h1'], ''), box('chroot', ['b2'], '')])
  const other = wall(2, () => [host('rmdir', ['h2'], ''), box('chroot', ['b3'], '')])
  assert.deepEqual(paths(plan(spec, [one, other], machines.none)), ['h1', 'h2', 'b1', 'b2', 'b3'])
})

test("plan stamps each step with its wall's lesson when walls are of several lessons", () => {
  const walls = [7, 3].map((lesson) => wall(lesson, () => [box('chroot', [`${lesson}`], '')]))
  const steps = plan(spec, walls, machines.none)
  assert.deepEqual(
    steps.map(({ args, lesson }) => [args[0], lesson]),
    [
      ['7', 7],
      ['3', 3],
    ],
  )
})

test('plan hands spec and machine to every wall when it asks for steps', () => {
  const seen: unknown[][] = []
  const walls = [1, 2].map((lesson) => wall(lesson, (...given) => (seen.push(given), [])))
  assert.deepEqual(plan(spec, walls, machines.v2), [])
  assert.deepEqual(
    seen.map(([first, second]) => first === spec && second === machines.v2),
    [true, true],
  )
})

test('host and box keep what is fine and how to undo when a step has it', () => {
  const more = { fine: ['EEXIST'], undo: { call: 'rmdir' as const, args: ['/x'] as [string] } }
  const step = { call: 'mkdir', args: ['/x', 0o755], why: 'why', ...more }
  assert.deepEqual(host('mkdir', ['/x', 0o755], 'why', more), { lane: 'host', ...step })
  assert.deepEqual(box('mkdir', ['/x', 0o755], 'why', more), { lane: 'box', ...step })
})

const randomWalls = (random: Random): Wall[] =>
  random.list(5, () => {
    const steps = random.list(6, () => random.pick([host, box])('rmdir', [random.text(4)], ''))
    return wall(random.below(20), () => steps)
  })

test('plan loses no step and adds none when walls are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 200; round++) {
    const walls = randomWalls(random)
    const asked = walls.flatMap((one) => one.steps(spec, machines.none))
    const planned = plan(spec, walls, machines.none)
    for (const lane of ['host', 'box'])
      assert.deepEqual(
        paths(planned.filter((step) => step.lane === lane)),
        paths(asked.filter((step) => step.lane === lane)),
      )
    assert.equal(planned.length, asked.length)
  }
})

test('lanes gives runs of one lane whose neighbours differ when steps are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 200; round++) {
    const steps = random.list(12, () => ({ ...random.pick([host, box])('rmdir', [random.text(4)], ''), lesson: 1 }))
    const runs = lanes(steps)
    assert.deepEqual(runs.flat(), steps)
    for (const run of runs) assert.equal(new Set(run.map(({ lane }) => lane)).size, 1)
    for (const [n, run] of runs.slice(1).entries()) assert.notEqual(run[0]?.lane, runs[n]?.[0]?.lane)
  }
})

test('lanes gives nothing when there are no steps', () => {
  assert.deepEqual(lanes([]), [])
})
