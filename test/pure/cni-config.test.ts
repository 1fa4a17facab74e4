/** What an administrator wrote to /etc/cni/net.d: what is taken of it, and what is not believed. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadNetwork, parseNetwork } from '../../src/network/cni/config.ts'
import { CniError, ERRORS } from '../../src/network/cni/spec.ts'

const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-cni-'))
after(() => fs.rmSync(place, { recursive: true }))

const BAD: [what: string, text: string, code: number, error: RegExp][] = [
  ['no JSON', '{', ERRORS.decodeFailure, /^Cannot read the network: /],
  ['no object', '[]', ERRORS.decodeFailure, /it is not a JSON object$/],
  [
    'without a name',
    '{"cniVersion":"1.0.0","plugins":[]}',
    ERRORS.invalidConfiguration,
    /its name, undefined, is not a word/,
  ],
  [
    'with a path as its name',
    '{"cniVersion":"1.0.0","name":"../x","plugins":[{"type":"a"}]}',
    ERRORS.invalidConfiguration,
    /its name, "..\/x"/,
  ],
  [
    'of a version of before lists',
    '{"cniVersion":"0.2.0","name":"x","plugins":[{"type":"a"}]}',
    ERRORS.incompatibleVersion,
    /its cniVersion is "0.2.0"/,
  ],
  [
    'of a version to come',
    '{"cniVersion":"2.0.0","name":"x","plugins":[{"type":"a"}]}',
    ERRORS.incompatibleVersion,
    /I speak 0.3.0, 0.3.1, 0.4.0, 1.0.0$/,
  ],
  [
    'without plugins',
    '{"cniVersion":"1.0.0","name":"x","plugins":[]}',
    ERRORS.invalidConfiguration,
    /it has no plugins$/,
  ],
  [
    'with a path as a type',
    '{"cniVersion":"1.0.0","name":"x","plugins":[{"type":"../../sh"}]}',
    ERRORS.invalidConfiguration,
    /"..\/..\/sh" as its type/,
  ],
  [
    'with null as a plugin',
    '{"cniVersion":"1.0.0","name":"x","plugins":[null]}',
    ERRORS.invalidConfiguration,
    /nothing as its type/,
  ],
]
for (const [what, text, code, error] of BAD)
  test(`parseNetwork refuses a network ${what}`, () => {
    assert.throws(
      () => parseNetwork(text),
      (thrown) => thrown instanceof CniError && thrown.code === code && error.test(thrown.message),
    )
  })

test('parseNetwork takes one plugin for a list of one when it is the older form', () => {
  const { plugins, name } = parseNetwork('{"cniVersion":"0.4.0","name":"x","type":"bridge","bridge":"b0"}')
  assert.deepEqual([name, plugins.map(({ type }) => type)], ['x', ['bridge']])
})

test('loadNetwork takes the first file in the order of names when two have the network', () => {
  const directory = fs.mkdtempSync(join(place, 'conf-'))
  const write = (file: string, name: string, type: string): void =>
    fs.writeFileSync(join(directory, file), JSON.stringify({ cniVersion: '1.0.0', name, plugins: [{ type }] }))
  write('20.conflist', 'x', 'second')
  write('10.conflist', 'x', 'first')
  write('05.txt', 'x', 'no network')
  write('30.conf', 'y', 'third')
  assert.equal(loadNetwork('x', directory).plugins[0]?.type, 'first')
  assert.throws(() => loadNetwork('z', directory), /There: x, x, y\./)
  fs.writeFileSync(join(directory, '00.conflist'), '{')
  assert.throws(() => loadNetwork('x', directory), /It is in .*00\.conflist$/)
})
