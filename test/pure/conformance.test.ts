/** What the OCI's suite says, read; and what our runtime must be, judged. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failures } from '../conformance/judgement.ts'
import { reasonFor } from '../conformance/reasons.ts'
import type { Results } from '../conformance/results.ts'
import { installed } from '../conformance/runtimes.ts'
import { verdict, type Verdict } from '../conformance/tap.ts'

const ended = (stdout: string, status = 0, stderr = ''): Verdict => verdict({ stdout, stderr, status })
const tap = (...lines: string[]): string => ['TAP version 13', ...lines, ''].join('\n')

test('a program is clean when all that it promised holds', () => {
  const said = tap(
    'ok 1 - has a hostname',
    '  ---',
    '  { "actual": "not ok 1" }',
    '  ...',
    'ok 2 # SKIP no sysctl',
    '1..2',
  )
  assert.deepEqual(ended(said), { ok: 1, notOk: 0, skipped: 1, unclean: [] })
  assert.deepEqual(ended(tap('1..0')).unclean, [])
  assert.deepEqual(ended('').unclean, [])
})

test('a program is not clean when an assertion does not hold', () => {
  const { notOk, unclean } = ended(tap('ok 1 - one', 'not ok 2 - the other', 'not ok 3', '1..3'))
  assert.deepEqual([notOk, unclean], [2, ['the other', '']])
})

test('a program is not clean when it complains in YAML alone, promises nothing and ends with 0', () => {
  const block = [
    '  ---',
    '  {',
    '    "error": "Hooks MUST be called\\nRefer to: x",',
    '    "stderr": "no\\n"',
    '  }',
    '  ...',
  ]
  assert.deepEqual(ended(tap(...block, '1..0')), { ok: 0, notOk: 0, skipped: 0, unclean: ['Hooks MUST be called: no'] })
})

test('a program is not clean when it stopped before it was through', () => {
  assert.deepEqual(ended(tap('ok 1 - one')).unclean, ['no plan after 1 assertions'])
  assert.deepEqual(ended(tap('1..2', 'ok 1 - one')).unclean, ['1..2, and 1 assertions'])
  assert.deepEqual(ended('', 124).unclean, ['ended with 124: no word'])
})

test('two streams of one program are counted one by one', () => {
  assert.deepEqual(ended(tap('ok 1 - one', '1..1') + tap('1..0')), { ok: 1, notOk: 0, skipped: 0, unclean: [] })
})

test('the last words are what the runtime said when a program ends with an error', () => {
  const log = 'time="2026-11-26T10:14:36Z" level=error msg="cannot open \\"/x\\": no"'
  assert.deepEqual(ended('', 1, `${log}\nexit status 1\n`).unclean, ['ended with 1: cannot open "/x": no'])
  assert.deepEqual(ended('', 1, 'MUST fail\nRefer to: x\n').unclean, ['ended with 1: MUST fail'])
})

test('a line that is not clean has a reason when the view lacked the controller that its program asks for', () => {
  const stderr = 'view: no hugetlb\nview: no pids\nCannot set it\nexit status 1\n'
  const { unclean } = ended(tap('not ok 1 - exit status 1', '1..1'), 1, stderr)
  const without = ' (without the controllers hugetlb, pids)'
  assert.deepEqual(unclean, [`exit status 1${without}`, `ended with 1: Cannot set it${without}`])
  for (const line of unclean) {
    assert.match(reasonFor('linux_cgroups_relative_hugetlb', 'boxwright-runc', line) ?? '', /controller `hugetlb`/)
    assert.match(reasonFor('delete_resources', 'boxwright-runc', line) ?? '', /controller `pids`/)
    assert.equal(reasonFor('linux_cgroups_cpus', 'boxwright-runc', line), undefined)
  }
  assert.equal(reasonFor('linux_cgroups_hugetlb', 'boxwright-runc', 'exit status 1'), undefined)
  assert.deepEqual(ended(tap('ok 1 - one', '1..1'), 0, stderr).unclean, [])
})

test('a run fails when our runtime is not built; another one may be missing', () => {
  const nowhere = '/nowhere/runtime'
  assert.throws(() => installed(undefined, { 'boxwright-runc': nowhere, crun: nowhere }), /npm run prepare/)
  assert.deepEqual(installed(undefined, { crun: nowhere }), [])
})

const results = (name: string, verdicts: Record<string, Partial<Verdict>>): Results => ({
  runtime: { name, path: name, version: '1' },
  verdicts: new Map(
    Object.entries(verdicts).map(([program, some]) => [program, { ok: 0, notOk: 0, skipped: 0, unclean: [], ...some }]),
  ),
})

test('a line of ours needs a reason when it is not clean; another runtime’s does not', () => {
  const unclean = ['no word']
  assert.deepEqual(failures([results('boxwright-runc', { start: { unclean } })]), ['start: no word'])
  assert.deepEqual(failures([results('runc', { start: { unclean } })]), [])
  assert.notEqual(reasonFor('misc_props', 'boxwright-runc', 'encounter an unknown annotation key'), undefined)
  assert.equal(reasonFor('linux_seccomp', 'boxwright-runc', 'exit status 1'), undefined)
})

test('a run fails when another runtime passes what ours does not, or has the better score', () => {
  const line = 'encounter an unknown annotation key'
  const ours = results('boxwright-runc', { misc_props: { unclean: [line] } })
  const peer = results('crun', { misc_props: { ok: 3 } })
  assert.deepEqual(failures([ours, peer]), [
    'misc_props: crun passes it',
    'ok: 0, and 3 with crun',
    'clean: 0, and 1 with crun',
  ])
  assert.deepEqual(failures([results('boxwright-runc', { misc_props: { ok: 3 } }), peer]), [])
})
