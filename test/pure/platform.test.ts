/** Which of an index's manifests a machine runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normal, runnable, type Platform } from '../../src/oci/platform.ts'
import { formatPlatform, hostPlatform, parsePlatform } from '../../src/oci/platform-name.ts'

const HERE: Platform = { os: 'linux', architecture: 'amd64', variant: 'v3' }
const named = (text: string): { name: string; platform: Platform } => ({
  name: text,
  platform: parsePlatform(text, HERE),
})
const chosen = (wanted: string, offered: string): string =>
  runnable(offered.split(' ').map(named), parsePlatform(wanted, HERE))
    .map(({ name }) => name)
    .join(' ')

/** What is wanted, what there is, and what is taken, the best first. */
const CHOICES: [wanted: string, offered: string, chosen: string][] = [
  ['linux/amd64', 'linux/arm64 linux/amd64 windows/amd64', 'linux/amd64'],
  ['linux/amd64', 'linux/amd64/v2 linux/amd64/v1', 'linux/amd64/v1'],
  [
    'linux/amd64/v3',
    'linux/amd64 linux/amd64/v4 linux/amd64/v2 linux/amd64/v3',
    'linux/amd64/v3 linux/amd64/v2 linux/amd64',
  ],
  ['linux/amd64', 'linux/386', 'linux/386'],
  ['linux/amd64', 'linux/386 linux/amd64', 'linux/amd64 linux/386'],
  ['linux/386', 'linux/amd64', ''],
  ['linux/arm/v7', 'linux/arm/v5 linux/arm/v6 linux/arm/v8 linux/arm/v7', 'linux/arm/v7 linux/arm/v6 linux/arm/v5'],
  ['linux/arm', 'linux/arm/v6 linux/arm/v7', 'linux/arm/v7 linux/arm/v6'],
  ['linux/arm/v6', 'linux/arm/v7', ''],
  ['linux/arm64', 'linux/arm/v7 linux/arm64/v8', 'linux/arm64/v8 linux/arm/v7'],
  ['linux/arm64/v9', 'linux/arm64 linux/arm64/v8.5 linux/arm64/v8.6', 'linux/arm64/v8.5 linux/arm64'],
  ['linux/riscv64', 'linux/amd64 linux/riscv64', 'linux/riscv64'],
  [
    'windows(10.0.17763)/amd64',
    'windows(10.0.20348.1)/amd64 windows(10.0.17763.5)/amd64 windows/amd64',
    'windows(10.0.17763.5)/amd64 windows/amd64',
  ],
]

for (const [wanted, offered, expected] of CHOICES)
  test(`${wanted} takes ${expected || 'nothing'} when there is ${offered}`, () =>
    assert.equal(chosen(wanted, offered), expected))

test('what says nothing of a platform comes last, and what asks for more than there is not at all', () => {
  const things = [
    { name: 'silent' },
    { name: 'unknown', platform: { os: 'unknown', architecture: 'unknown' } },
    { name: 'featured', platform: { os: 'linux', architecture: 'amd64', 'os.features': ['win32k'] } },
    { name: 'plain', platform: { os: 'linux', architecture: 'amd64' } },
  ]
  assert.deepEqual(
    runnable(things, HERE).map(({ name }) => name),
    ['plain', 'silent'],
  )
  const wanted = { ...HERE, 'os.features': ['win32k', 'more'] }
  assert.deepEqual(
    runnable(things, wanted).map(({ name }) => name),
    ['featured', 'plain', 'silent'],
  )
})

test('a platform has one way to be written', () => {
  for (const [text, written] of [
    ['linux/x86_64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['Linux/AArch64/v8', 'linux/arm64'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i386', 'linux/386'],
    ['macos/arm64', 'darwin/arm64'],
    ['arm64', 'linux/arm64'],
    ['freebsd', 'freebsd/amd64/v3'],
  ] as const)
    assert.equal(formatPlatform(parsePlatform(text, HERE)), written)
  for (const text of ['', 'linux/', 'linux/amd64/v1/x', 'toaster', 'linux/a b', '*'])
    assert.throws(() => parsePlatform(text, HERE), { name: 'RangeError', message: /^Cannot read ".*" as a platform: / })
})

const V2 = 'cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2'
const V3 = `${V2} abm avx avx2 bmi1 bmi2 f16c fma movbe xsave`

test('this machine has the level that its flags make', () => {
  const level = (flags: string): string =>
    formatPlatform(hostPlatform('x64', `processor\t: 0\nflags\t\t: fpu ${flags}\nbugs\t:\n`))
  assert.equal(level(''), 'linux/amd64')
  assert.equal(level(V2), 'linux/amd64/v2')
  assert.equal(level(V3), 'linux/amd64/v3')
  assert.equal(level(V3.replace('bmi1', '')), 'linux/amd64/v2')
  assert.equal(level(`${V3} avx512f avx512bw avx512cd avx512dq avx512vl`), 'linux/amd64/v4')
  assert.equal(formatPlatform(hostPlatform('arm', 'CPU architecture: 6\n')), 'linux/arm/v6')
  assert.equal(formatPlatform(hostPlatform('arm64', 'CPU architecture: 8\n')), 'linux/arm64')
  assert.equal(formatPlatform(hostPlatform('mipsel', '')), 'linux/mipsle')
  assert.deepEqual(normal(hostPlatform()), hostPlatform())
})
