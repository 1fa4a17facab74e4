import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diff, type Difference } from '../../src/plan/diff.ts'
import { box, host, type Plan, type Step } from '../../src/plan/plan.ts'
import { seeded, type Random } from './random.ts'

const step = (lane: 'host' | 'box', path: string, lesson = 1): Step => ({
  ...(lane === 'host' ? host : box)('chdir', [path], 'why'),
  lesson,
})
const planOf = (paths: string): Plan => Array.from(paths, (path) => step('box', path))
const signs = (rows: readonly Difference[]): string =>
  rows.map(({ sign, step: { args } }) => `${sign}${String(args[0])}`).join('')

const VECTORS: [before: string, after: string, rows: string][] = [
  ['', '', ''],
  ['', 'ab', '+a+b'],
  ['ab', '', '-a-b'],
  ['ab', 'ab', ' a b'],
  ['abc', 'ac', ' a-b c'],
  ['ac', 'abc', ' a+b c'],
  ['abc', 'xyz', '-a-b-c+x+y+z'],
  ['abcbdab', 'bdcaba', '-a b-c-b d+c a b+a'],
]
for (const [before, after, rows] of VECTORS)
  test(`diff gives "${rows}" when "${before}" becomes "${after}"`, () => {
    assert.equal(signs(diff(planOf(before), planOf(after))), rows)
  })

test('diff takes steps for different ones when only their lane differs', () => {
  assert.equal(signs(diff([step('host', 'a')], [step('box', 'a')])), '-a+a')
})

test('diff takes steps for the same, and shows the newer, when only reason and lesson differ', () => {
  const [before, after] = [step('box', 'a', 1), { ...step('box', 'a', 2), why: 'another' }]
  assert.deepEqual(diff([before], [after]), [{ sign: ' ', step: after }])
})

const randomPlan = (random: Random): Plan =>
  random.list(14, () => step(random.pick(['host', 'box']), random.pick(['a', 'b', 'c', 'd'])))

const side = (rows: readonly Difference[], other: '-' | '+'): Plan =>
  rows.filter(({ sign }) => sign !== other).map(({ step }) => step)

test('diff holds both plans, each in its order, when plans are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 500; round++) {
    const [before, after] = [randomPlan(random), randomPlan(random)]
    const rows = diff(before, after)
    assert.deepEqual(side(rows, '+'), before)
    assert.deepEqual(side(rows, '-'), after)
  }
})

test('diff finds nothing when a random plan is compared with itself', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 100; round++) {
    const one = randomPlan(random)
    assert.ok(diff(one, [...one]).every(({ sign }) => sign === ' '))
  }
})

/** Every subsequence of one plan, tried against the other: slow, and plainly right. */
function longestCommon(one: string, other: string): number {
  const choices = Array.from({ length: 2 ** one.length }, (_, bits) =>
    one.split(/(?:)/).filter((_, n) => (bits >> n) & 1),
  )
  const isWithin = (letters: string[]): boolean => new RegExp(`^.*${letters.join('.*')}.*$`).test(other)
  return Math.max(...choices.filter(isWithin).map(({ length }) => length))
}

test('diff keeps as many steps as can be kept when plans are random and short', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 200; round++) {
    const [before, after] = [random.text(7, 'abc'), random.text(7, 'abc')]
    const kept = diff(planOf(before), planOf(after)).filter(({ sign }) => sign === ' ').length
    assert.equal(kept, longestCommon(before, after), `${before} ${after}`)
  }
})
