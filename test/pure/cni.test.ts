/** CNI 1.0 from both sides, as its specification has it: what a runtime tells plugins, in which order; and what it does not believe. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { attach } from '../../src/network/attach.ts'
import * as chain from '../../src/network/cni/chain.ts'
import { parseNetwork } from '../../src/network/cni/config.ts'
import { execute, findPlugin } from '../../src/network/cni/execute.ts'
import { parseResult, resultFor } from '../../src/network/cni/result.ts'
import { CniError, ERRORS } from '../../src/network/cni/spec.ts'

const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-cni-'))
after(() => fs.rmSync(place, { recursive: true }))
const log = join(place, 'log')

process.env['CNI_PATH'] = place
process.env['BOXWRIGHT_RUN'] = join(place, 'run')
beforeEach(() => {
  fs.rmSync(log, { force: true })
  fs.rmSync(join(place, 'run'), { recursive: true, force: true })
})

/** A plugin of a few lines of shell. It writes down what it was told, one line a call, and prints what it is to. */
function plugin(name: string, answer: object | string, status = 0): void {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
  const script = [
    '#!/bin/sh',
    `printf '%s %s %s %s %s %s %s\\n' ${name} "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_NETNS" "$CNI_IFNAME" "$CNI_ARGS" "$(cat)" >> ${log}`,
    `[ "$CNI_COMMAND" = ADD ] || [ ${status} != 0 ] || exit 0`,
    `printf '%s' '${text}'`,
    `exit ${status}`,
  ]
  fs.writeFileSync(join(place, name), script.join('\n'), { mode: 0o755 })
}

interface Called {
  name: string
  command: string
  rest: string[]
  config: Record<string, unknown>
}

const called = (): Called[] =>
  fs
    .readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [words = '', json = '{}'] = line.split(/ (?=\{)/, 2)
      const [name = '', command = '', ...rest] = words.split(' ')
      return { name, command, rest, config: JSON.parse(line.slice(line.indexOf(' {') + 1) || json) as Called['config'] }
    })

const FIRST = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', sandbox: '/ns' }],
  ips: [{ address: '10.1.2.3/24', interface: 0 }],
}
const SECOND = { ...FIRST, dns: { nameservers: ['10.1.2.1'] } }
const attachment = {
  containerId: 'box',
  netns: '/ns',
  ifName: 'eth0',
  args: 'K=V',
  capabilities: { portMappings: [1], mac: 'x' },
}
const network = parseNetwork(
  JSON.stringify({
    cniVersion: '1.0.0',
    name: 'net',
    plugins: [
      { type: 'first', key: 1 },
      { type: 'second', capabilities: { portMappings: true } },
    ],
  }),
)

test('ADD goes down the list, and each plugin is told the result before it and the capabilities that it asks for', () => {
  plugin('first', FIRST)
  plugin('second', SECOND)
  assert.deepEqual(chain.add(network, attachment), SECOND)
  assert.deepEqual(called(), [
    {
      name: 'first',
      command: 'ADD',
      rest: ['box', '/ns', 'eth0', 'K=V'],
      config: { type: 'first', key: 1, cniVersion: '1.0.0', name: 'net' },
    },
    {
      name: 'second',
      command: 'ADD',
      rest: ['box', '/ns', 'eth0', 'K=V'],
      config: {
        type: 'second',
        cniVersion: '1.0.0',
        name: 'net',
        runtimeConfig: { portMappings: [1] },
        prevResult: FIRST,
      },
    },
  ])
})

test('DEL goes up the list with the last result and what was kept when the namespace and /etc are gone', () => {
  plugin('first', FIRST)
  plugin('second', SECOND)
  chain.add(network, attachment)
  fs.rmSync(log)
  chain.remove('net', { containerId: 'box', netns: '', ifName: 'eth0' })
  assert.deepEqual(
    called().map(({ name, command, rest, config }) => [
      name,
      command,
      rest[1],
      config['prevResult'],
      config['runtimeConfig'],
    ]),
    [
      ['second', 'DEL', '', SECOND, { portMappings: [1] }],
      ['first', 'DEL', '', SECOND, undefined],
    ],
  )
  fs.rmSync(log)
  chain.remove('net', attachment)
  assert.ok(!fs.existsSync(log), 'a second DEL has nothing to do')
})

for (const draft of ['before.json', 'results/net+box+eth0.json'])
  test(`nothing is left of an attachment when its maker was killed as it wrote ${draft}`, () => {
    const directory = join(place, 'run/network')
    const { pid } = spawnSync('true')
    fs.mkdirSync(join(directory, 'results'), { recursive: true })
    fs.writeFileSync(join(directory, `${draft}.${pid}`), '{"half')
    attach({ command: 'DEL', network: 'net', id: 'box' })
    assert.deepEqual(fs.readdirSync(join(place, 'run')), [])
  })

test('CHECK goes down the list with the last result, and is left out when the network says so', () => {
  plugin('first', FIRST)
  plugin('second', SECOND)
  assert.throws(() => chain.check('net', attachment), { name: 'CniError', code: ERRORS.unknownContainer })
  chain.add(network, attachment)
  fs.rmSync(log)
  chain.check('net', attachment)
  assert.deepEqual(
    called().map(({ name, command, config }) => [name, command, config['prevResult']]),
    [
      ['first', 'CHECK', SECOND],
      ['second', 'CHECK', SECOND],
    ],
  )
  fs.rmSync(log)
  chain.add({ ...network, disableCheck: true }, attachment)
  fs.rmSync(log)
  chain.check('net', attachment)
  assert.ok(!fs.existsSync(log))
})

test('a chain is taken down as far as it was built, and the first error is told, when a plugin refuses', () => {
  plugin('first', FIRST)
  plugin('second', { cniVersion: '1.0.0', code: 101, msg: 'no more', details: 'of anything' }, 1)
  assert.throws(() => chain.add(network, attachment), {
    name: 'CniError',
    code: 101,
    message: 'Cannot attach the box: the CNI plugin "second" says: no more; of anything',
    details: 'of anything',
  })
  assert.deepEqual(
    called().map(({ name, command }) => `${name} ${command}`),
    ['first ADD', 'second ADD', 'second DEL', 'first DEL'],
  )
  assert.deepEqual(fs.readdirSync(join(place, 'run', 'network', 'results')), [])
})

test('every plugin is asked to take away what it has made when one of them cannot', () => {
  plugin('first', FIRST)
  plugin('second', SECOND)
  chain.add(network, attachment)
  plugin('second', 'nonsense', 3)
  assert.throws(() => chain.remove('net', attachment), /"second" ended with 3 and no answer/)
  assert.equal(called().at(-1)?.name, 'first')
  chain.remove('net', attachment)
})

const ANSWERS: [what: string, answer: string, status: number, error: RegExp][] = [
  ['is not JSON', 'nonsense', 0, /^Cannot read the answer of the CNI plugin "odd"/],
  ['is no result', '{"ips":1}', 0, /^Cannot read a CNI result/],
  [
    'is nothing, and its status is not 0',
    '',
    7,
    /^Cannot attach the box: the CNI plugin "odd" ended with 7 and no answer/,
  ],
]
for (const [what, answer, status, error] of ANSWERS)
  test(`an answer is refused when it ${what}`, () => {
    plugin('odd', answer, status)
    const add = (): unknown => parseResult(execute('ADD', { type: 'odd' }, attachment))
    assert.throws(add, (thrown) => thrown instanceof CniError && error.test(thrown.message))
  })

test('a plugin is looked for in CNI_PATH first, then among those of Boxwright, and named when it is in neither', () => {
  plugin('bridge', FIRST)
  assert.equal(findPlugin('bridge'), join(place, 'bridge'))
  fs.rmSync(join(place, 'bridge'))
  assert.match(findPlugin('bridge'), /src\/cli\/cni\/bridge$/)
  assert.throws(
    () => findPlugin('nosuch'),
    /^CniError: Cannot find the CNI plugin "nosuch": it is in none of .*\n {2}Install it/,
  )
})

test('a result is written as the plugin’s version has it, and read back the same', () => {
  const old = resultFor('0.4.0', FIRST)
  assert.deepEqual(old.ips, [{ version: '4', address: '10.1.2.3/24', interface: 0 }])
  assert.deepEqual(parseResult(old), { ...FIRST, cniVersion: '0.4.0' })
})

for (const bad of [
  { containerId: '../x' },
  { containerId: '' },
  { ifName: 'a/b' },
  { ifName: 'sixteen-is-too-l' },
  { ifName: '..' },
  { netns: '' },
])
  test(`no plugin is run when an attachment has ${JSON.stringify(bad)}`, () => {
    assert.throws(() => chain.add(network, { ...attachment, ...bad }), {
      name: 'CniError',
      code: ERRORS.invalidEnvironment,
    })
    assert.ok(!fs.existsSync(log))
  })
