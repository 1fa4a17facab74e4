/** A config.json that somebody else has written, as a plan; and what of it no wall has looked at. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { specOfConfig } from '../../src/oci/config.ts'
import { decode } from '../../src/plan/decode.ts'
import { symbolic } from '../../src/plan/symbols.ts'
import { compile, type Compiled } from '../../src/workshop/compile/compile.ts'
import { heed } from '../../src/workshop/compile/heed.ts'
import { stageNumbered } from '../../src/workshop/stages.ts'
import { machines } from './machines.ts'
import { stages } from './workshop.ts'

const PLACE = { directory: '/bundle', cgroupsPath: '/boxwright-bundle', hostname: 'here' }

const NUMBERS = [{ containerID: 0, hostID: 1000, size: 10 }]
const MAPPED = { uidMappings: NUMBERS, gidMappings: NUMBERS }

/** What `runc spec` writes, in short. */
const CONFIG = {
  ociVersion: '1.0.2-dev',
  annotations: { 'org.example': 'x' },
  process: {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args: ['id'],
    env: ['PATH=/bin', 'A=b'],
    cwd: '/',
    apparmorProfile: 'docker-default',
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'runc',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/data', source: '/srv', options: ['rbind', 'ro'], ...MAPPED },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
  ],
  hooks: { prestart: [{ path: '/bin/true' }] },
  linux: {
    namespaces: [
      { type: 'pid' },
      { type: 'mount', path: '/proc/1/ns/mnt' },
      { type: 'ipc' },
      { type: 'uts' },
      { type: 'time' },
    ],
    resources: { memory: { limit: 2 ** 33, reservation: 5 }, pids: { limit: -1 }, cpu: { quota: 5000, period: 10000 } },
    devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o600 }],
  },
}

const compiled = (stage: number, config: unknown = CONFIG, machine = machines.v2): Compiled =>
  compile(config, stageNumbered(stages, stage), PLACE, machine)

const callsOf = ({ bytes }: Compiled): string[] => decode(bytes).map(symbolic)

test('a config is a spec of ours when it leaves out what it may', () => {
  const { process, root, mounts, linux, hostname } = specOfConfig(
    { ociVersion: '1.0.0', root: { path: '/r' }, process: { args: ['id'], cwd: '/' } },
    PLACE,
  )
  assert.deepEqual(
    { process, root, mounts, hostname },
    {
      process: { args: ['id'], env: [], cwd: '/' },
      root: { path: '/r' },
      mounts: [],
      hostname: 'here',
    },
  )
  assert.deepEqual([linux.namespaces, linux.resources, linux.cgroupsPath], [[], {}, '/boxwright-bundle'])
  assert.ok(linux.devices.some(({ path }) => path === '/dev/null'))
})

test('a config is read as the specification means it when it says all', () => {
  const { root, mounts, linux } = specOfConfig(CONFIG, PLACE)
  assert.equal(root.path, '/bundle/rootfs')
  assert.deepEqual(mounts[0], { destination: '/proc', type: 'proc', source: 'proc', options: [] })
  assert.equal(mounts[1]?.type, 'bind')
  assert.deepEqual(linux.resources, {
    memory: { limit: 2n ** 33n, reservation: 5n },
    cpu: { quota: 5000n, period: 10_000n },
  })
  assert.equal(linux.devices.at(-1)?.fileMode, 0o600)
  assert.equal(specOfConfig(CONFIG, { ...PLACE, rootfs: '/other' }).root.path, '/other')
})

const LEAST = { ociVersion: '1.0.0', root: { path: '/' }, process: { args: ['a'], cwd: '/' } }

const WRONG: [what: string, config: unknown, because: RegExp][] = [
  ['is a list', [], /^NotAConfig: config\.json is \[\], and not an object/],
  ['has no root', { ...LEAST, root: undefined }, /root is missing/],
  ['has no process', { ...LEAST, process: undefined }, /process is missing/],
  ['names no command', { ...LEAST, process: { args: [], cwd: '/' } }, /process\.args names no command/],
  ['has a mount without a place', { ...LEAST, mounts: [{}] }, /mounts\[0\]\.destination is missing/],
  ['has mounts that are none', { ...LEAST, mounts: {} }, /mounts is \{\}, and not a list/],
]

for (const [what, config, because] of WRONG)
  test(`a config is refused when it ${what}`, () => assert.throws(() => specOfConfig(config, PLACE), because))

test('a config becomes the plan of a stage when it is compiled', () => {
  const calls = callsOf(compiled(5))
  assert.ok(calls.includes('sethostname(runc)'))
  assert.ok(calls.includes('write(/cg/boxwright-bundle/memory.max, 8589934592)'))
  assert.ok(calls.includes('mkdir(/data, 0755)'))
  assert.equal(calls.at(-1), 'execvpe(id, id, 2 variables)')
})

test('what no wall of a stage reads is told when a config is compiled, and nothing else', () => {
  const always = [
    'linux.namespaces[]: time',
    'hooks',
    'process.apparmorProfile',
    'root.readonly',
    'mounts[].uidMappings',
    'mounts[].gidMappings',
    'linux.namespaces[].path',
    'linux.resources.memory.reservation',
  ]
  const { unheeded } = compiled(5)
  assert.deepEqual([...unheeded].sort(), [...always].sort())
  const first = compiled(1).unheeded
  for (const path of ['hostname', 'mounts', 'linux']) assert.ok(first.includes(path), path)
  for (const path of ['process.args', 'process.env', 'ociVersion', 'annotations'])
    assert.ok(!first.includes(path), path)
})

test('a filter is read whole, and what is no filter told, when a config has one', () => {
  const syscalls = [
    { names: ['personality'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }] },
  ]
  const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls, listenerPath: '/run/x' }
  const config = { ...CONFIG, process: { ...CONFIG.process, apparmorProfile: '' }, linux: { ...CONFIG.linux, seccomp } }
  const { unheeded, bytes } = compiled(8, config)
  assert.ok(unheeded.includes('linux.seccomp.listenerPath'))
  assert.match(decode(bytes).map(symbolic).join('\n'), /seccomp\(0, \d+ bytes\)/)
  const wrong = { ...LEAST, linux: { seccomp: { defaultAction: 'NOTHING' } } }
  assert.throws(
    () => specOfConfig(wrong, PLACE),
    /^NotAConfig: linux\.seccomp\.defaultAction is "NOTHING", and none of /,
  )
})

test('a capability is left out of a plan, and told, when the kernel would not take it as ambient', () => {
  const capabilities = {
    permitted: ['CAP_KILL', 'CAP_CHOWN'],
    inheritable: ['CAP_KILL'],
    ambient: ['CAP_KILL', 'CAP_CHOWN'],
  }
  const config = { ...CONFIG, process: { ...CONFIG.process, capabilities } }
  const { process } = specOfConfig(config, PLACE)
  assert.deepEqual(process.capabilities, {
    bounding: [],
    effective: [],
    ...capabilities,
    ambient: ['CAP_KILL'],
  })
  const told = 'process.capabilities.ambient: not inheritable: CAP_CHOWN'
  assert.ok(compiled(5, config).unheeded.includes(told))
})

test('the namespaces that a stage’s walls need are there, and told, when a config does not ask for them', () => {
  assert.deepEqual(compiled(5).added, ['cgroup'])
  assert.deepEqual(compiled(7).added, ['cgroup', 'user', 'network'])
  assert.match(callsOf(compiled(5)).join('\n'), /unshare\(.*CLONE_NEWCGROUP/)
  const withoutView = { ...CONFIG, mounts: CONFIG.mounts.slice(0, 2) }
  assert.deepEqual(compiled(5, withoutView).added, [])
  assert.doesNotMatch(callsOf(compiled(5, withoutView)).join('\n'), /mount\(.*\/sys\/fs\/cgroup/)
})

test('a plan can be launched again when it has been compiled, and says what is left', () => {
  const { bytes, left } = compiled(5)
  const made = decode(bytes).find(({ call, args }) => call === 'mkdir' && args[0] === '/cg/boxwright-bundle')
  assert.deepEqual(made?.fine, ['EEXIST'])
  assert.ok(left.includes('/cg/boxwright-bundle'))
})

test('parts that nobody has read are named once, from the top, when a value is heeded', () => {
  const value = {
    a: { b: 1, c: { d: 2 } },
    e: [{ f: 1, g: 1 }, { g: 1 }],
    h: { i: 1 },
    no: false,
    zero: 0,
    empty: [{}],
    text: '',
  }
  const { value: watched, unread } = heed(value)
  assert.deepEqual(unread(), ['a', 'e', 'h'])
  assert.equal(watched.a.b + watched.e.map(({ f }) => f).length, 3)
  assert.deepEqual(unread(), ['a.c', 'e[].g', 'h'])
  assert.equal(watched.e.indexOf(watched.e[1] as (typeof value.e)[1]), 1, 'one object has one twin')
  assert.deepEqual({ ...watched }.h, { i: 1 })
  assert.deepEqual(unread(), ['a.c', 'e[].g'])
})
