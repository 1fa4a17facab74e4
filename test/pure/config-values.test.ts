/** A `config.json`, value by value: what each kind of rule says of what it does not take, and what is left out or said in another way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { specOfConfig } from '../../src/oci/config.ts'
import type { Spec } from '../../src/oci/spec.ts'

type Fields = Record<string, unknown>

const PROCESS = { args: ['id'], cwd: '/' }
const PLACE = { directory: '/bundle', cgroupsPath: '/x', hostname: '' }

const read = (linux: Fields, process: Fields = {}, rest: Fields = {}, place: Fields = {}): Spec =>
  specOfConfig(
    { ociVersion: '1.0.2', root: { path: 'r' }, process: { ...PROCESS, ...process }, linux, ...rest },
    { ...PLACE, ...place },
  )

const filter = (...rules: Fields[]): Fields => ({
  seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules.map((rule) => ({ names: ['mknod'], ...rule })) },
})

const REFUSED: [what: string, linux: Fields, process: Fields, because: RegExp][] = [
  ['a flag that is a number', {}, { noNewPrivileges: 1 }, /^process\.noNewPrivileges is 1, and neither true nor false/],
  ['a number that is text', {}, { oomScoreAdj: '5' }, /^process\.oomScoreAdj is "5", and not a whole number/],
  ['a number with a fraction', {}, { oomScoreAdj: 0.5 }, /^process\.oomScoreAdj is 0\.5, and not a whole number/],
  ['a number beyond its range', {}, { oomScoreAdj: 1001 }, /^process\.oomScoreAdj is 1001: it goes from -1000 to 1000/],
  [
    '64 bits where 32 are',
    {},
    { user: { uid: 2n ** 63n, gid: 0 } },
    /^process\.user\.uid is 9223372036854775808: it goes/,
  ],
  ['a list with 64 bits in it', {}, { cwd: [2n ** 63n] }, /^process\.cwd is \["9223372036854775808"\], and not text/],
  ['a word as long as a page', {}, { cwd: 'x'.repeat(4096) }, /^process\.cwd is "x{56}…/],
  [
    'an errno for a call that is killed',
    filter({ action: 'SCMP_ACT_KILL', errnoRet: 1 }),
    {},
    /errnoRet is for SCMP_ACT_ERRNO/,
  ],
  ['an errno that is none', filter({ action: 'SCMP_ACT_ERRNO', errnoRet: 4096 }), {}, /errnoRet is for SCMP_ACT_ERRNO/],
  [
    'a message for a tracer that is too large',
    filter({ action: 'SCMP_ACT_TRACE', errnoRet: 65_536 }),
    {},
    /errnoRet is for/,
  ],
]

for (const [what, linux, process, because] of REFUSED)
  test(`a config.json is refused, and the field named, when it has ${what}`, () => {
    assert.throws(() => read(linux, process), { name: 'NotAConfig', message: because })
  })

test('a name that every object has is no field of a specification when it is one of ours', () => {
  assert.doesNotThrow(() => read({}, {}, { toString: 5, constructor: 'x' }))
})

test('errnos that the kernel can give are taken', () => {
  const rules = [
    { action: 'SCMP_ACT_ERRNO', errnoRet: 4095 },
    { action: 'SCMP_ACT_TRACE', errnoRet: 65_535 },
  ]
  assert.equal(read(filter(...rules)).linux.seccomp?.syscalls?.length, 2)
})

test('what is strange and no error is warned of, where somebody listens', () => {
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const process = { capabilities: { bounding: ['CAP_KILL', 'CAP_FLY'] } }
  const mounts = [
    { destination: 'data', source: '/srv', options: ['bind'] },
    { destination: '/m', type: 'tmpfs' },
    { destination: '/n' },
  ]
  const spec = read({}, process, { mounts }, { warn })
  assert.deepEqual(read({}, process, { mounts }), spec)
  assert.deepEqual(
    warnings.map((text) => /CAP_FLY|"data"/.exec(text)?.[0]),
    ['CAP_FLY', '"data"'],
  )
  assert.deepEqual(spec.process.capabilities?.bounding, ['CAP_KILL'])
  assert.deepEqual(
    spec.mounts.map(({ destination, type, source }) => [destination, type, source]),
    [
      ['/data', 'bind', '/srv'],
      ['/m', 'tmpfs', 'tmpfs'],
      ['/n', 'none', 'none'],
    ],
  )
})

test('a terminal has the size that was asked for, and what has no terminal has none', () => {
  const sizeOf = (terminal: boolean): unknown =>
    read({}, { terminal, consoleSize: { height: 24, width: 80 } }).process.consoleSize
  assert.deepEqual(sizeOf(true), { height: 24, width: 80 })
  assert.equal(sizeOf(false), undefined)
})

test('a limit that is none is left out, and swap without end is not', () => {
  const { memory, pids } = read({ resources: { memory: { limit: -1, swap: -1 }, pids: { limit: -1 } } }).linux.resources
  assert.deepEqual(memory, { swap: -1n })
  assert.equal(pids, undefined)
})

test('another root file system than the bundle names is taken when one is told', () => {
  const config = { ociVersion: '1.0.2', root: { path: 'r' }, process: PROCESS }
  assert.equal(specOfConfig(config, PLACE).root.path, '/bundle/r')
  assert.equal(specOfConfig(config, { ...PLACE, rootfs: '/r' }).root.path, '/r')
})
