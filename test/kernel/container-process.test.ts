/** What a container's process is and may, read from outside, and what a later command is in it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { create } from '../../src/runtime/create.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { exec } from '../../src/runtime/exec.ts'
import { start } from '../../src/runtime/start.ts'
import { state } from '../../src/runtime/state.ts'
import type { Making } from '../../src/runtime/settings.ts'
import { statusField } from '../../src/kernel/proc.ts'
import { contained, RUNTIME, skipWithoutRuntime, type Config } from './container-world.ts'
import { skipWithoutLauncher } from './native-world.ts'
import { until, World } from './world.ts'

const skip = { skip: skipWithoutLauncher }

type Fields = Record<string, unknown>

/** A container that runs sleep(1) until it is disposed of. */
async function running(world: World, process: Fields, linux: Fields = {}, making: Partial<Making> = {}) {
  const container = prepared(world, process, linux)
  const { settings, id, bundle } = container
  await create(settings, { id, bundle, ...making })
  start(settings, id)
  return {
    ...container,
    pid: state(settings, id).pid,
    [Symbol.dispose]: () => deleteContainer(settings, id, { force: true }),
  }
}

function prepared(world: World, process: Fields, linux: Fields) {
  const [bundle, root] = [world.newPlace(), join(world.directory, 'runtime')]
  const settings = { root, systemdCgroup: false, rootless: 'auto' as const }
  const id = `boxwright-test-process-${world.directory.slice(-6)}`
  const namespaces = ['pid', 'mount', 'ipc', 'network', 'uts'].map((type) => ({ type }))
  const config = {
    ociVersion: '1.3.0',
    root: { path: world.base() },
    process: { args: ['sleep', '600'], cwd: '/', env: ['PATH=/bin:/usr/bin'], ...process },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
    ],
    linux: { namespaces, ...linux },
  }
  fs.writeFileSync(join(bundle, 'config.json'), JSON.stringify(config).replaceAll(/"(\d{16,})"/g, '$1'))
  return { settings, id, bundle }
}

const sets = (pid: number): string[] =>
  ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => statusField(pid, name).replace(/^0+(?=.)/, ''))
const read = (pid: number, file: string): string => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8').trim()
const said = (program: string, ...args: string[]): string => spawnSync(program, args, { encoding: 'utf8' }).stdout

const FULL: Fields = {
  user: { uid: 1000, gid: 1001, additionalGids: [7, 8], umask: 0o27 },
  capabilities: {
    bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_NET_RAW'],
    permitted: ['CAP_KILL', 'CAP_CHOWN'],
    effective: ['CAP_KILL'],
    inheritable: ['CAP_KILL'],
    ambient: ['CAP_KILL'],
  },
  rlimits: [
    { type: 'RLIMIT_CORE', soft: '9007199254740993', hard: '18446744073709551615' },
    { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
  ],
  noNewPrivileges: true,
  oomScoreAdj: 321,
  scheduler: { policy: 'SCHED_BATCH', nice: 5 },
  ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 2 },
}
const LINUX: Fields = {
  personality: { domain: 'LINUX32' },
  memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' },
  sysctl: { 'net.ipv4.ip_forward': '1', 'net/ipv4/conf/lo/rp_filter': '2', 'kernel.shmmni': '77' },
  seccomp: { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_LOG'] },
}

/** As chrt(1), ionice(1) and the files of proc(5) tell it. */
const lookAt = (pid: number) => ({
  ids: ['Uid', 'Gid', 'Groups'].map((name) => statusField(pid, name).split(/\s+/).join(' ')),
  umask: statusField(pid, 'Umask'),
  sets: sets(pid),
  limits: /^Max core file size\s+(\S+\s+\S+)[^]*^Max open files\s+(\S+\s+\S+)/m
    .exec(read(pid, 'limits'))
    ?.slice(1)
    .map((two) => two.split(/\s+/)),
  promise: [statusField(pid, 'NoNewPrivs'), statusField(pid, 'Seccomp')],
  score: read(pid, 'oom_score_adj'),
  policy: said('chrt', '-p', String(pid)).match(/SCHED_\w+/)?.[0],
  disk: said('ionice', '-p', String(pid)).trim(),
  persona: read(pid, 'personality'),
  memory: /bind:0/.test(read(pid, 'numa_maps')),
})

const EXPECTED: ReturnType<typeof lookAt> = {
  ids: ['1000 1000 1000 1000', '1001 1001 1001 1001', '7 8'],
  umask: '0027',
  sets: ['20', '20', '20', '2021', '20'],
  limits: [
    ['9007199254740993', 'unlimited'],
    ['100', '200'],
  ],
  promise: ['1', '2'],
  score: '321',
  policy: 'SCHED_BATCH',
  disk: 'best-effort: prio 2',
  persona: '00000008',
  memory: true,
}

test('a container’s process is all that its config.json says, from outside', skip, async () => {
  await using world = new World()
  using container = await running(world, FULL, LINUX)
  assert.deepEqual(lookAt(container.pid), EXPECTED)
  const inside = (file: string): string =>
    said('nsenter', '-t', String(container.pid), '-n', '-i', 'cat', `/proc/sys/${file}`).trim()
  assert.deepEqual(['net/ipv4/ip_forward', 'net/ipv4/conf/lo/rp_filter', 'kernel/shmmni'].map(inside), ['1', '2', '77'])
})

test(
  'a later command is the same, and runs on the processors that it is to have, when it is started',
  skip,
  async () => {
    await using world = new World()
    using container = await running(world, { ...FULL, execCPUAffinity: { initial: '1', final: '0' } }, LINUX)
    const { settings, id } = container
    const pidFile = join(world.directory, 'later')
    assert.equal(await exec(settings, id, { process: { args: ['sleep', '500'] }, detach: true, pidFile }), 0)
    const pid = await until('its number', () => fs.existsSync(pidFile) && Number(fs.readFileSync(pidFile, 'utf8')))
    assert.deepEqual(lookAt(pid), EXPECTED)
    assert.equal(statusField(pid, 'Cpus_allowed_list'), '0')
  },
)

test(
  'a container in a user namespace has a score, a scheduler and a priority, when the host gives them',
  skip,
  async () => {
    await using world = new World()
    const ids = [{ containerID: 0, hostID: 300_000, size: 65_536 }]
    const namespaces = ['user', 'pid', 'mount', 'ipc', 'network', 'uts'].map((type) => ({ type }))
    const scheduler = { policy: 'SCHED_BATCH', nice: -3 }
    const process = {
      oomScoreAdj: 99,
      scheduler,
      ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 1 },
      user: { uid: 3, gid: 4, additionalGids: [5] },
    }
    using container = await running(world, process, { namespaces, uidMappings: ids, gidMappings: ids })
    const { ids: numbers, score, policy, disk } = lookAt(container.pid)
    const [uid, gid] = ['300003', '300004'].map((id) => Array(4).fill(id).join(' '))
    assert.deepEqual([numbers, score, policy, disk], [[uid, gid, '300005'], '99', 'SCHED_BATCH', 'realtime: prio 1'])
  },
)

const REFUSED: Record<string, { process?: Fields; linux?: Fields; because: RegExp }> = {
  'a sysctl of the machine’s': {
    linux: { sysctl: { 'kernel.sysrq': '0' } },
    because: /linux\.sysctl\["kernel\.sysrq"\] would be set for the whole machine/,
  },
  'shares of caches': { linux: { intelRdt: { closID: 'x' } }, because: /linux\.intelRdt/ },
  'memory of a node that is not there': {
    linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '77' } },
    because: /linux\.memoryPolicy\.nodes has 77/,
  },
  'a label': { process: { apparmorProfile: 'x' }, because: /Cannot label|apparmor/ },
  'a listener that is not there': {
    linux: {
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: '/nowhere/at/all',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
      },
    },
    because: /connect/,
  },
}

for (const [what, { process = {}, linux = {}, because }] of Object.entries(REFUSED))
  test(`nothing is left of a container when it is asked for ${what}, which cannot be given`, skip, async () => {
    await using world = new World()
    const { settings, id, bundle } = prepared(world, process, linux)
    await assert.rejects(async () => create(settings, { id, bundle }), because)
    assert.deepEqual(fs.existsSync(settings.root) ? fs.readdirSync(settings.root) : [], [])
  })

/** As on a machine whose root has all rights but one. */
const WITHOUT_PTRACE = ['setpriv', '--bounding-set', '-sys_ptrace', '--inh-caps', '-sys_ptrace']
const WARNING = /level=warning msg="process\.capabilities has CAP_SYS_PTRACE in it, and the container goes without/
const rightsIn = (text: string): string[] => text.match(/^Cap(Prm|Eff|Bnd):.*$/gm) ?? []

test(
  'a container goes without a right that its maker does not have, and without one that is none, and both are warned of',
  { skip: skipWithoutRuntime },
  async () => {
    await using world = new World()
    const names = ['CAP_KILL', 'CAP_SYS_PTRACE', 'CAP_NONSENSE']
    const capabilities = { bounding: names, permitted: names, effective: names, inheritable: names, ambient: names }
    const ask = (config: Config): void => void Object.assign(config.process, { capabilities })
    const { status, stdout, stderr } = await contained(world, 'cat /proc/self/status', ask, { under: WITHOUT_PTRACE })
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      rightsIn(stdout),
      ['CapPrm', 'CapEff', 'CapBnd'].map((set) => `${set}:\t0000000000000020`),
    )
    assert.match(stderr, WARNING)
    assert.match(
      stderr,
      /level=warning msg="process\.capabilities has \\"CAP_NONSENSE\\" in it, which is no capability/,
    )
  },
)

test(
  'a later command goes without a right that whoever starts it does not have, and that is warned of',
  { skip: skipWithoutRuntime },
  async () => {
    await using world = new World()
    using container = await running(world, {})
    const words = ['--root', container.settings.root, 'exec', '--cap', 'CAP_SYS_PTRACE', '--cap', 'CAP_CHOWN']
    const { status, stdout, stderr } = await world.run([...words, container.id, 'cat', '/proc/self/status'], {
      program: [...WITHOUT_PTRACE, RUNTIME],
    })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^CapEff:\t0000000000000001$/m)
    assert.match(stderr, WARNING)
  },
)

for (const [noNewKeyring, whose] of [
  [false, 'the container’s'],
  [true, 'that of whoever starts it'],
] as const)
  test(
    `a later command’s session keyring is ${whose} when the container’s first process has ${noNewKeyring ? 'no' : 'a'} new one`,
    skip,
    async () => {
      await using world = new World()
      using container = await running(world, {}, {}, { noNewKeyring })
      const { settings, id } = container
      const pidFile = join(world.directory, 'later')
      await exec(settings, id, { process: { args: ['sleep', '500'] }, detach: true, pidFile })
      await until('its number', () => fs.existsSync(pidFile) && fs.readFileSync(pidFile, 'utf8') !== '')
      assert.equal(fs.readFileSync('/proc/keys', 'utf8').includes(`_ses.${id}`), !noNewKeyring)
    },
  )
