/** A plan's bytes, read back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errnoName, ERRNO } from '../../src/kernel/error.ts'
import { decode } from '../../src/plan/decode.ts'
import { encode, TAKES } from '../../src/plan/encode.ts'
import { explain } from '../../src/plan/explain.ts'
import { box, host, type Plan, type Step } from '../../src/plan/plan.ts'
import { seeded, type Random } from './random.ts'

const TEXT = 'aé€ \n/{}"\\'
const CODES = [...new Set(Object.values(ERRNO).map(errnoName))]

const ARGUMENTS: Record<string, (random: Random) => unknown> = {
  n: ({ pick }) => pick([0, 1, -1, 0o755, 2 ** 31, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
  s: ({ text }) => text(8, TEXT),
  l: ({ list, text }) => list(4, () => text(5, TEXT)),
  u: ({ list, below }) => list(4, () => below(70_000)),
  b: ({ list, below }) => Buffer.from(list(9, () => below(256))).toString('hex'),
}

/** As it comes back: without what only people need. */
function randomStep(random: Random): Step {
  const [call, takes] = random.pick(Object.entries(TAKES))
  const fine = random.list(2, () => random.pick(CODES))
  const args = Array.from(takes, (kind) => ARGUMENTS[kind]?.(random))
  const step = { lane: random.pick(['host', 'box']), call, args, why: '', lesson: 0, ...(fine.length > 0 && { fine }) }
  return step as unknown as Step
}

test('decode gives back what was encoded when plans are random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 500; round += 1) {
    const plan = random.list(10, () => randomStep(random))
    assert.deepEqual(decode(encode(plan)), plan)
  }
})

const PLAN: Plan = [
  { ...host('unshare', [0x20000000], 'a reason'), lesson: 2 },
  { ...box('mkdir', ['/a', 0o755], 'a reason', { fine: ['EEXIST'] }), lesson: 3 },
  { ...box('execvpe', ['sh', ['sh', '-c', 'exit'], ['A=b']], 'a reason'), lesson: 1 },
]

test('a decoded plan is the same table without its reasons when it is explained', () => {
  const rows = explain(PLAN).split('\n')
  assert.equal(explain(decode(encode(PLAN))), rows.filter((row) => !row.includes('– a reason')).join('\n'))
})

test('decode refuses bytes with a reason when they end too early', () => {
  const bytes = encode(PLAN)
  for (let length = 0; length < bytes.length; length += 1)
    assert.throws(() => decode(bytes.subarray(0, length)), /^RangeError: it (ends in the middle|does not begin)/)
})

test('decode refuses bytes, or reads a plan, and does nothing else, when any of them is another', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Buffer.from(encode(PLAN))
    for (let change = random.below(3); change >= 0; change -= 1)
      bytes[random.below(bytes.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
    try {
      decode(bytes)
    } catch (error) {
      assert.ok(error instanceof RangeError && /^(its?|something|a string|a list) /.test(error.message), String(error))
    }
  }
})

for (const [what, { bytes, because }] of Object.entries({
  'something follows': { bytes: Buffer.concat([encode(PLAN), Buffer.from('x')]), because: /something follows/ },
  'a call is not known': { bytes: changed(encode([]), '0100000003000000' + '00fe00'), because: /number 254/ },
  'a step is longer than its call': {
    bytes: changed(encode([]), '01000000' + '0c000000' + '000200' + '0000000000000000' + '00'),
    because: /fchdir has more arguments/,
  },
  'a string has no end': {
    bytes: changed(encode([]), '01000000' + '0a000000' + '000000' + '03000000' + '616263'),
    because: /string in it does not end/,
  },
}))
  test(`decode refuses bytes when ${what}`, () => assert.throws(() => decode(bytes), because))

/** Another number of steps, and steps. */
function changed(empty: Buffer, hex: string): Buffer {
  return Buffer.concat([empty.subarray(0, 8), Buffer.from(hex, 'hex')])
}
