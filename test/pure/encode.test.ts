/** A plan as bytes: what stands where, and that both sides of the pipe have the same table. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CLONE_NEWPID } from '../../src/kernel/constants.ts'
import { TAKES, encode } from '../../src/plan/encode.ts'
import { box, host, type Draft, type Plan } from '../../src/plan/plan.ts'

const plan = (...drafts: Draft[]): Plan => drafts.map((draft) => ({ ...draft, lesson: 5 }))

const SOURCE = readFileSync(new URL('../../native/calls.c', import.meta.url), 'utf8')

test('the table of calls is the same in TypeScript and in C when both are read', () => {
  const table = /calls\[\] = \{\n(.*?)\n\};/s.exec(SOURCE)?.[1] ?? ''
  const inC = [...table.matchAll(/^\t\{ "(\w+)", "(\w*)",/gm)].map(([, name, takes]) => [name, takes])
  assert.ok(inC.length > 30)
  assert.deepEqual(Object.entries(TAKES), inC)
})

/** The command is the last of the vocabulary. */
const LAST = (Object.keys(TAKES).length - 1).toString(16).padStart(2, '0')

const STEPS: Record<string, { step: Draft; bytes: string }> = {
  'a number': {
    step: host('unshare', [CLONE_NEWPID], ''),
    bytes: '0b000000' + '000300' + '0000002000000000',
  },
  'a string': { step: box('chdir', ['/é'], ''), bytes: '0b000000' + '010100' + '04000000' + '2fc3a900' },
  'an error that is fine': {
    step: box('mkdir', ['/a', 0o755], '', { fine: ['EEXIST'] }),
    bytes: '13000000' + '010d0111' + '03000000' + '2f6100' + 'ed01000000000000',
  },
  bytes: {
    step: box('seccomp', [1, '0aff'], ''),
    bytes: '11000000' + '011900' + '0100000000000000' + '02000000' + '0aff',
  },
  numbers: {
    step: box('setgroups', [[5, 7]], ''),
    bytes: '17000000' + '011200' + '02000000' + '0500000000000000' + '0700000000000000',
  },
  lists: {
    step: box('execvpe', ['sh', ['sh', ''], []], ''),
    bytes: '1e000000' + `01${LAST}00` + '03000000736800' + '02000000' + '03000000736800' + '0100000000' + '00000000',
  },
}

for (const [what, { step, bytes }] of Object.entries(STEPS))
  test(`encode writes length, lane, call and arguments when a step has ${what}`, () => {
    const begin = Buffer.concat([Buffer.from('BOXPLAN1'), Buffer.from([1, 0, 0, 0])])
    assert.equal(encode(plan(step)).toString('hex'), begin.toString('hex') + bytes)
  })

test('encode writes every step when the plan is larger than the room it begins with', () => {
  const long = 'é'.repeat(40_000)
  const bytes = encode(plan(box('chdir', ['/a'], ''), box('chdir', [long], ''), box('chdir', ['/b'], '')))
  const step = (path: string): Buffer => encode(plan(box('chdir', [path], ''))).subarray(12)
  assert.deepEqual(bytes.subarray(12), Buffer.concat(['/a', long, '/b'].map(step)))
})

test('encode refuses a string when C would see another', () => {
  assert.throws(() => encode(plan(box('chdir', ['/a\0b'], ''))), /^TypeError: Cannot encode "\/a\\u0000b": .*NUL/)
})

test('encode refuses bytes when they are not hexadecimal', () => {
  assert.throws(() => encode(plan(box('seccomp', [0, 'xy'], ''))), /^TypeError: Cannot encode "xy": /)
})
