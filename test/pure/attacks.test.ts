/** The matrix as text and as data, and when a recording of it is stale. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowOf, written, type Row } from '../../src/workshop/attacks/matrix.ts'
import { readRecording } from '../../src/workshop/attacks/recording.ts'
import { recordingOf, staleRecording } from '../../src/workshop/attacks/stale.ts'
import { weave } from '../../src/workshop/weave/weave.ts'
import { repository, stages, workshop } from './workshop.ts'

const attack = { name: 'some-attack', story: 'try something', closedBy: 3 }

test('a row keeps each verdict by its stage, and why one was unseen or refused', () => {
  const outcomes = new Map([
    [1, { verdict: 'open' as const }],
    [2, { verdict: 'unseen' as const, reason: 'there is none' }],
    [3, { verdict: 'closed' as const, refused: 'try: Operation not permitted' }],
  ])
  assert.deepEqual(rowOf(attack, outcomes), {
    attack: 'some-attack',
    story: 'try something',
    lesson: 3,
    verdicts: { 1: 'open', 2: 'unseen', 3: 'closed' },
    unseen: { 2: 'there is none' },
    refused: { 3: 'try: Operation not permitted' },
  })
})

test('a row says nothing of reasons when there are none', () => {
  const row = rowOf(attack, new Map([[1, { verdict: 'open' as const }]]))
  assert.deepEqual(Object.keys(row), ['attack', 'story', 'lesson', 'verdicts'])
})

test('the matrix has a line for each attack and fits 80 columns when there are eight stages', () => {
  const { rows } = readRecording(repository)
  const lines = written(rows).split('\n')
  assert.equal(lines.length, rows.length + 1)
  assert.match(lines[0] ?? '', /^stage( +\d)+$/)
  for (const line of lines) assert.ok(line.length <= 80, line)
})

test('each recorded attack is open somewhere and closed at the last stage', () => {
  for (const { attack, verdicts } of readRecording(repository).rows) {
    assert.ok(Object.values(verdicts).includes('open'), attack)
    assert.equal(Object.values(verdicts).at(-1), 'closed', attack)
  }
})

test('no recorded attack is open again after it was closed', () => {
  for (const { attack, verdicts } of readRecording(repository).rows)
    assert.doesNotMatch(Object.values(verdicts).join(' '), /closed.*open/, attack)
})

test('a recording is stale when a plan has changed since it was made', () => {
  const [first] = stages
  assert.ok(first)
  const other = { ...workshop, plan: () => [] }
  const [one, two] = [workshop, other].map((workshop) => recordingOf({ repository, stages, workshop }, []).digest)
  assert.notEqual(one, two)
  assert.equal(staleRecording({ repository, stages, workshop: other }).length, 1)
})

test('a matrix fence is woven with the attacks of the lessons that it names', () => {
  const fence = { kind: 'fence' as const, line: 1, language: 'matrix', text: '2 3' }
  const { blocks, problems } = weave(repository, { path: 'x.md', front: '', blocks: [fence] }, workshop)
  assert.deepEqual(problems, [])
  const [block] = blocks
  const rows: Row[] = block?.kind === 'matrix' ? block.rows : []
  assert.deepEqual([...new Set(rows.map(({ lesson }) => lesson))], [2, 3])
})
