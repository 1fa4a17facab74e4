/** The reader and the writer of JSON: the same as JSON.parse and JSON.stringify wherever those are right. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readExactly, JsonError } from '../../src/oci/json-exact.ts'
import { readJson, writeJson } from '../../src/oci/json.ts'
import { seeded } from './random.ts'

const READERS = { readJson, readExactly }

test('a number beyond 2^53 is read exactly, whatever stands around it', () => {
  for (const [text, value] of [
    ['18446744073709551615', 18446744073709551615n],
    ['[-9223372036854775808]', [-9223372036854775808n]],
    ['{"soft": 9007199254740993}', { soft: 9007199254740993n }],
    ['{"limit": 9007199254740991}', { limit: 9007199254740991 }],
    ['{"id": "9007199254740993"}', { id: '9007199254740993' }],
    ['1e3', 1000],
  ] as const)
    for (const read of Object.values(READERS)) assert.deepEqual(read(text), value, text)
})

test('a name that is there twice is refused with its place, in objects of any depth', () => {
  const text = '{\n  "linux": {},\n  "process": { "args": [{ "a": 1,\n    "a": 2 }] }\n}'
  assert.throws(() => readJson(text), { message: 'line 4, column 5: "a" is there for the second time in one object' })
  assert.deepEqual(readJson('{"a": {"a": "a\\": "}, "b": [{"a": 1}]}'), { a: { a: 'a": ' }, b: [{ a: 1 }] })
  assert.throws(() => readJson('{"a": 1, "\\u0061": 2}'), /"a" is there for the second time/)
})

test('a name that means something to JavaScript is a name like any other', () => {
  const value = readExactly('{"__proto__": {"polluted": true}}')
  assert.equal(writeJson(value), '{"__proto__":{"polluted":true}}')
  assert.equal('polluted' in (value as object), false)
  assert.throws(() => readJson('{"__proto__": 1, "__proto__": 2}'), /"__proto__" is there for the second time/)
  assert.equal(writeJson(readExactly('{"toString": 1}')), '{"toString":1}')
})

/** What is wrong, and where a person would put a finger. */
const BROKEN: [text: string, message: string][] = [
  ['', 'line 1, column 1: a value belongs here, not the end'],
  ['{', 'line 1, column 2: a name in double quotes belongs here, not the end'],
  ['{]', 'line 1, column 2: a name in double quotes belongs here, not "]"'],
  ['{"a" 1}', 'line 1, column 6: a colon after "a" belongs here, not "1"'],
  ['{"a": 1 "b": 2}', 'line 1, column 9: a comma or the end of the object belongs here, not "\\""'],
  ['[1, 2', 'line 1, column 6: a comma or the end of the list belongs here, not the end'],
  ['[1,]', 'line 1, column 4: a value belongs here, not "]"'],
  ['{"a": 1,}', 'line 1, column 9: a name in double quotes belongs here, not "}"'],
  ['{\n  "ü": True }', 'line 2, column 8: "True" is no value, and text goes into double quotes'],
  ['[01]', 'line 1, column 2: "01" is no value, and text goes into double quotes'],
  ['["a]', 'line 1, column 2: this text has no end'],
  ['["\\x"]', 'line 1, column 2: this text has a control character, or a backslash, that JSON does not know'],
  ['"a\nb"', 'line 1, column 1: this text has a control character, or a backslash, that JSON does not know'],
  ['{} {}', 'line 1, column 4: "{" after the end'],
  ['\ufeff{}', 'line 1, column 1: a value belongs here, not "\ufeff"'],
]

test('broken JSON is refused with line, column and what is expected there', () => {
  for (const [text, message] of BROKEN) assert.throws(() => readJson(text), { name: 'JsonError', message }, text)
})

test('what is nested too deep is refused, and not followed until the stack ends', () => {
  assert.throws(() => readExactly('['.repeat(100_000)), /line 1, column 201: more than 200 levels/)
  assert.throws(() => readJson('{"a":'.repeat(1_000_000)), JsonError)
  assert.throws(() => readJson(`${'['.repeat(5000)}${']'.repeat(5000)}`), JsonError)
})

test('both readers agree with JSON.parse about any text, and reading what was written gives the same', (t) => {
  const { pick, list } = seeded(t)
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b\\n"',
    '1',
    '-0.5e-2',
    '-0',
    'true',
    'null',
    ' ',
    '\n',
    '"\\ud83d"',
    '"é"',
  ]
  for (let n = 0; n < 20_000; n++) {
    const text = list(9, () => pick(pieces)).join('')
    const expected = attempt(() => JSON.parse(text) as unknown)
    const found = attempt(() => readExactly(text))
    const isDouble = /second time/.test(String(found.error))
    assert.equal('value' in found, 'value' in expected && !isDouble, `${text} ${String(found.error)}`)
    if ('value' in found) assert.deepEqual(readJson(writeJson(found.value, '\t')), expected.value, text)
  }
})

function attempt(read: () => unknown): { value?: unknown; error?: unknown } {
  try {
    return { value: read() }
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof JsonError, String(error))
    return { error }
  }
}

test('writeJson writes what JSON.stringify does, and numbers of 64 bits in full', () => {
  const value = { a: [], b: {}, c: [1, 'x', null, true], d: { e: undefined, f: 'é\u0000' } }
  assert.equal(writeJson(value), JSON.stringify(value))
  assert.equal(writeJson(value, '\t'), JSON.stringify(value, undefined, '\t'))
  assert.equal(writeJson({ hard: 18446744073709551615n }), '{"hard":18446744073709551615}')
})
