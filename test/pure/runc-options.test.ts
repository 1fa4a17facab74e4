/** The command line of the runtime, as runC's callers write it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { helpOf, helpOfAll } from '../../src/cli/runc/about.ts'
import { COMMANDS } from '../../src/cli/runc/commands.ts'
import { GLOBALS, logOf, settingsOf } from '../../src/cli/runc/globals.ts'
import { count, duration } from '../../src/cli/runc/numbers.ts'
import type { Options } from '../../src/cli/options/option.ts'
import { readOptions, type Extent } from '../../src/cli/runc/options.ts'
import { parseSignal } from '../../src/cli/runc/signal.ts'
import { seeded } from './random.ts'

const OPTIONS = {
  bundle: { short: 'b', value: 'DIRECTORY', about: '' },
  env: { short: 'e', value: 'NAME=VALUE', list: true, about: '' },
  detach: { short: 'd', about: '' },
  tty: { short: 't', about: '' },
} as const satisfies Options

const read = (line: string, extent: Extent = 'anywhere', options: Options = OPTIONS) =>
  readOptions(options, line.split(' ').filter(Boolean), extent, 'boxwright-runc x')

const VECTORS: [line: string, given: object, words: string[]][] = [
  ['', {}, []],
  ['web', {}, ['web']],
  ['--bundle /b web', { bundle: '/b' }, ['web']],
  ['-bundle /b web', { bundle: '/b' }, ['web']],
  ['--bundle=/b web', { bundle: '/b' }, ['web']],
  ['-b /b web', { bundle: '/b' }, ['web']],
  ['-b=/b web', { bundle: '/b' }, ['web']],
  ['--b /b web', { bundle: '/b' }, ['web']],
  ['--bundle= web', { bundle: '' }, ['web']],
  ['--bundle -1 web', { bundle: '-1' }, ['web']],
  ['--bundle /a --bundle /b web', { bundle: '/b' }, ['web']],
  ['--bundle /a=b web', { bundle: '/a=b' }, ['web']],
  ['-e A=b --env C= web', { env: ['A=b', 'C='] }, ['web']],
  ['-e=A=b web', { env: ['A=b'] }, ['web']],
  ['-d -t web', { detach: true, tty: true }, ['web']],
  ['--detach=false web', { detach: false }, ['web']],
  ['--detach=T web', { detach: true }, ['web']],
  ['--detach=0 web', { detach: false }, ['web']],
  ['--detach true', { detach: true }, ['true']],
  ['web --detach', { detach: true }, ['web']],
  ['web -b /b KILL', { bundle: '/b' }, ['web', 'KILL']],
  ['web -9', {}, ['web', '-9']],
  ['- web', {}, ['-', 'web']],
  ['-d -- --tty web', { detach: true }, ['--tty', 'web']],
  ['web -- -d', {}, ['web', '-d']],
]
for (const [line, given, words] of VECTORS)
  test(`readOptions takes what Go would when the words are: ${line || 'none'}`, () => {
    assert.deepEqual(read(line), { given, words })
  })

for (const [line, given, words] of [
  ['-t web ls -d', { tty: true }, ['web', 'ls', '-d']],
  ['web -- ls', {}, ['web', '--', 'ls']],
  ['-- -t ls', {}, ['-t', 'ls']],
] as const)
  test(`readOptions leaves the rest to the command when it is one that runs a program: ${line}`, () => {
    assert.deepEqual(read(line, 'first'), { given, words })
  })

const REFUSED: [line: string, message: RegExp][] = [
  [
    '--nonsense web',
    /^Cannot read "--nonsense": boxwright-runc x has no such option\n {2}See: boxwright-runc x --help$/,
  ],
  ['--constructor web', /^Cannot read "--constructor": boxwright-runc x has no such option/],
  ['-dt web', /^Cannot read "-dt"/],
  ['---bundle /b', /^Cannot read "---bundle"/],
  ['--=x web', /^Cannot read "--=x"/],
  ['--bundle', /^Cannot read "--bundle": its DIRECTORY is missing/],
  ['web -b', /^Cannot read "-b": its DIRECTORY is missing/],
  ['--detach=maybe web', /^Cannot read "--detach=maybe": it is neither true nor false/],
]
for (const [line, message] of REFUSED)
  test(`readOptions says what is wrong when the words are: ${line}`, () => {
    assert.throws(() => read(line), { message })
  })

test('readOptions reads any words or says which it cannot, when they are random', (t) => {
  const random = seeded(t)
  const piece = (): string => random.pick(['-', '--', 'b', 'bundle', '=', 'e', 'x', ' ', '\n', 'detach', 'true', ''])
  for (let n = 0; n < 2000; n += 1) {
    const argv = random.list(5, () => random.list(4, piece).join(''))
    try {
      const { words } = readOptions(OPTIONS, argv, random.pick(['first', 'anywhere']), 'x')
      assert.ok(words.every((word) => argv.includes(word)))
    } catch (error) {
      assert.match((error as Error).message, /^Cannot read "/)
    }
  }
})

test('each command and each option is in the help, in 80 columns, when it is asked for', async () => {
  const texts = [helpOfAll()]
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const command = await load()
    const text = helpOf(name, command)
    for (const option of Object.keys(command.options)) assert.ok(text.includes(`--${option}`), `${name} --${option}`)
    texts.push(text)
  }
  for (const option of Object.keys(GLOBALS)) assert.ok(texts[0]?.includes(`--${option}`), option)
  for (const name of Object.keys(COMMANDS)) assert.ok(texts[0]?.includes(`  ${name} `), name)
  assert.deepEqual(
    texts.flatMap((text) => text.split('\n')).filter((line) => line.length > 80 || line !== line.trimEnd()),
    [],
  )
})

test('no two options of a command have one name', async () => {
  for (const { load } of Object.values(COMMANDS)) {
    const names = Object.entries((await load()).options).flatMap(([name, { short }]) => [name, short ?? []].flat())
    assert.deepEqual(names, [...new Set(names)])
  }
})

const SIGNALS: [text: string, number: number][] = [
  ['15', 15],
  ['0', 0],
  ['TERM', 15],
  ['SIGTERM', 15],
  ['sigterm', 15],
  ['kill', 9],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX', 64],
  ['RTMAX-2', 62],
  ['64', 64],
]
for (const [text, number] of SIGNALS)
  test(`parseSignal gives ${number} when it is asked for "${text}"`, () => {
    assert.equal(parseSignal(text), number)
  })

for (const text of [
  '',
  '-1',
  '65',
  'NOPE',
  'SIG',
  'RTMIN-1',
  'RTMAX+1',
  'RTMIN+31',
  'RTMAX-31',
  '9x',
  'toString',
  '0x9',
])
  test(`parseSignal refuses when it is asked for "${text}"`, () => {
    assert.throws(() => parseSignal(text), /^Complaint: Cannot send the signal "/)
  })

test('count takes numbers as Go does, and no others, when it is asked', () => {
  assert.deepEqual(
    ['0', '3', '0x10', '0b11', '0o17'].map((text) => count('n', text)),
    [0, 3, 16, 3, 15],
  )
  for (const text of ['', '-1', '1.5', '1e3', 'x', '99999999999999999999'])
    assert.throws(() => count('n', text), /^Complaint: Cannot set --n to "/)
})

test('duration takes lengths of time as Go does, and no others, when it is asked', () => {
  assert.deepEqual(
    ['5s', '500ms', '1m30s', '1.5h'].map((text) => duration('n', text)),
    [5000, 500, 90_000, 5_400_000],
  )
  for (const text of ['', '5', '0s', '-1s', 's', '5x', '1s x'])
    assert.throws(() => duration('n', text), /^Complaint: Cannot set --n to "/)
})

test('the global options give the settings and the log when callers name them as they do', () => {
  const { given, words } = readOptions(
    GLOBALS,
    '--root /r --log /l --log-format json --systemd-cgroup --rootless=true create --bundle /b web'.split(' '),
    'first',
    'boxwright-runc',
  )
  assert.deepEqual(words, ['create', '--bundle', '/b', 'web'])
  assert.deepEqual(settingsOf(given), { root: '/r', systemdCgroup: true, rootless: 'true' })
  assert.deepEqual(logOf(given), { file: '/l', format: 'json', debug: false })
  assert.throws(() => settingsOf({ rootless: 'maybe' }), /^Complaint: Cannot set --rootless to "maybe"/)
  assert.throws(() => logOf({ 'log-format': 'xml' }), /^Complaint: Cannot set --log-format to "xml"/)
})
