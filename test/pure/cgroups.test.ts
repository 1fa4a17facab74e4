/** The same wish on machines of every kind: what is made, what is written to it, and by which doors the box walks in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroups } from '../../src/box/cgroups.ts'
import type { Machine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Resources } from '../../src/oci/resources.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const steps = (machine: Machine, resources: Resources = {}): string[] =>
  told(cgroups.steps(defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], resources }), machine))

const EVERYTHING: Resources = {
  memory: { limit: 64n << 20n },
  pids: { limit: 32n },
  cpu: { quota: 50_000n, period: 200_000n, cpus: '0-1' },
  blockIO: {
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024n }],
    throttleWriteBpsDevice: [{ major: 8, minor: 16, rate: 5n }],
  },
}

const make = (directory: string): string =>
  `host mkdir(/cg/${directory}boxwright-x, 0755) undo remove_cgroup(/cg/${directory}boxwright-x)`
const write = (file: string, value: string): string => `host write(/cg/${file}, ${value})`
const enter = (directory: string): string => `box write(/cg/${directory}boxwright-x/cgroup.procs, 0)`

const V1_LIMITS = [
  write('memory/boxwright-x/memory.limit_in_bytes', '67108864'),
  write('pids/boxwright-x/pids.max', '32'),
  write('cpu/boxwright-x/cpu.cfs_period_us', '200000'),
  write('cpu/boxwright-x/cpu.cfs_quota_us', '50000'),
  write('cpuset/boxwright-x/cpuset.cpus', '0-1'),
  write('cpuset/boxwright-x/cpuset.mems', '0'),
  write('blkio/boxwright-x/blkio.throttle.read_bps_device', '8:0 1024'),
  write('blkio/boxwright-x/blkio.throttle.write_bps_device', '8:16 5'),
]

const V2_LIMITS = [
  write('boxwright-x/memory.max', '67108864'),
  `${write('boxwright-x/memory.swap.max', '0')} fine ENOENT`,
  write('boxwright-x/pids.max', '32'),
  write('boxwright-x/cpu.max', '50000 200000'),
  write('boxwright-x/cpuset.cpus', '0-1'),
  write('boxwright-x/io.max', '8:0 rbps=1024'),
  write('boxwright-x/io.max', '8:16 wbps=5'),
]

const V1 = ['memory/', 'pids/', 'cpu/', 'cpuset/', 'blkio/']

test('cgroups makes, limits and enters one cgroup a controller when the machine has v1', () => {
  assert.deepEqual(steps(machines.v1, EVERYTHING), [...V1.map(make), ...V1_LIMITS, ...V1.map(enter)])
})

test('cgroups writes no limit to the v2 tree when the machine is hybrid and v1 has every controller', () => {
  const all = [...V1, 'unified/']
  assert.deepEqual(steps(machines.hybrid, EVERYTHING), [...all.map(make), ...V1_LIMITS, ...all.map(enter)])
})

test('cgroups writes each limit where its controller is when the machine divides them', () => {
  assert.deepEqual(steps(machines.divided, EVERYTHING), [
    make('memory/'),
    make('cpu/'),
    write('unified/cgroup.subtree_control', '+cpuset +io'),
    make('unified/'),
    V1_LIMITS[0],
    V1_LIMITS[2],
    V1_LIMITS[3],
    write('unified/boxwright-x/pids.max', '32'),
    write('unified/boxwright-x/cpuset.cpus', '0-1'),
    write('unified/boxwright-x/io.max', '8:0 rbps=1024'),
    write('unified/boxwright-x/io.max', '8:16 wbps=5'),
    enter('memory/'),
    enter('cpu/'),
    enter('unified/'),
  ])
})

test('cgroups hands down no controller, and writes no limit twice, when v1 has it already', () => {
  const limits = steps(machines.doubled, { memory: { limit: 5n } }).filter((step) => step.startsWith('host write'))
  assert.deepEqual(limits, [write('memory/boxwright-x/memory.limit_in_bytes', '5')])
})

test('cgroups needs one cgroup for all limits when the machine has v2', () => {
  assert.deepEqual(steps(machines.v2, EVERYTHING), [make(''), ...V2_LIMITS, enter('')])
})

test('cgroups hands down what is missing, for good, when it is at the true root of v2', () => {
  const down = write('cgroup.subtree_control', '+memory +pids +cpu +cpuset +io')
  assert.deepEqual(steps(machines.v2Fresh, EVERYTHING), [down, make(''), ...V2_LIMITS, enter('')])
})

test('cgroups sets processes in the way aside, and takes all of it back, when its v2 cgroup is a delegated one', () => {
  const leaf = '/cg/mine/boxwright-supervisors'
  const aside = (pid: number): string => `host write(${leaf}/cgroup.procs, ${pid}) fine ESRCH`
  const down = write('mine/cgroup.subtree_control', '+memory')
  assert.deepEqual(steps(machines.v2Delegated), [
    `host mkdir(${leaf}, 0755) fine EEXIST undo dissolve_cgroup(${leaf}) fine EBUSY ENOENT shared`,
    aside(11),
    aside(12),
    `${down} undo write(/cg/mine/cgroup.subtree_control, -memory) shared`,
    make('mine/'),
    enter('mine/'),
  ])
})

test('cgroups takes back all of what is handed down, too, when another box has set the processes aside', () => {
  const leaf = '/cg/mine/boxwright-supervisors'
  const down = write('mine/cgroup.subtree_control', '+memory +pids')
  assert.deepEqual(steps(machines.v2SetAside), [
    `host mkdir(${leaf}, 0755) fine EEXIST undo dissolve_cgroup(${leaf}) fine EBUSY ENOENT shared`,
    `${down} undo write(/cg/mine/cgroup.subtree_control, -memory -pids) shared`,
    make('mine/'),
    enter('mine/'),
  ])
})

test('cgroups counts memory and processes, and no more, when nothing is limited', () => {
  const two = ['memory/', 'pids/']
  assert.deepEqual(steps(machines.v1), [...two.map(make), ...two.map(enter)])
  assert.deepEqual(steps(machines.v2), [make(''), enter('')])
})

test('cgroups limits memory first, then memory and swap together, when a v1 machine counts swap', () => {
  const limits = steps(machines.v1Shared, { memory: { limit: 5n } }).filter((step) => step.includes('limit_in_bytes'))
  const file = (name: string): string => write(`memory/boxwright-x/${name}.limit_in_bytes`, '5')
  assert.deepEqual(limits, [file('memory'), file('memory.memsw')])
})

test('cgroups gives a v1 cgroup the parent’s processors and memory nodes when it shares its hierarchy with cpuset', () => {
  assert.deepEqual(steps(machines.v1OneForAll), [
    make('one/'),
    write('one/boxwright-x/cpuset.cpus', '0-3'),
    write('one/boxwright-x/cpuset.mems', '0'),
    enter('one/'),
  ])
})

test('cgroups takes a period of 100 ms when a quota comes without one', () => {
  const resources = { cpu: { quota: 7000n } }
  assert.ok(steps(machines.v1, resources).includes(write('cpu/boxwright-x/cpu.cfs_period_us', '100000')))
  assert.ok(steps(machines.v2, resources).includes(write('boxwright-x/cpu.max', '7000 100000')))
})

test('cgroups limits one direction alone when a throttle is given for one', () => {
  const throttle = [{ major: 8, minor: 0, rate: 9n }]
  for (const machine of [machines.v1, machines.v2]) {
    const io = (blockIO: Resources['blockIO'] & object): string[] =>
      steps(machine, { blockIO }).filter((step) => /bps/.test(step))
    assert.match(io({ throttleReadBpsDevice: throttle }).join(), /^[^,]*, 8:0 (rbps=)?9\)$/)
    assert.match(io({ throttleWriteBpsDevice: throttle }).join(), /^[^,]*, 8:0 (wbps=)?9\)$/)
    assert.deepEqual(io({}), [])
  }
})

test('cgroups makes nothing when the machine has no cgroups and nothing is limited', () => {
  assert.deepEqual(steps(machines.none), [])
})

test('cgroups refuses a limit, naming the controller, when the machine does not have it', () => {
  const refusal = (fact: string): RegExp =>
    new RegExp(`^Error: Cannot set a limit on ${fact}\n  Leave the limit out, or see .*: boxwright doctor$`)
  const missing = (layout: string, name: string): RegExp =>
    refusal(`${name}: this machine's cgroups \\(${layout}\\) have no ${name} controller`)
  assert.throws(() => steps(machines.none, EVERYTHING), refusal('memory: no cgroup file system is mounted here'))
  assert.throws(() => steps(machines.v2Delegated, { cpu: { quota: 5000n } }), missing('v2', 'cpu'))
  assert.throws(() => steps(machines.v2Delegated, { cpu: { cpus: '0' } }), missing('v2', 'cpuset'))
  assert.throws(() => steps(machines.v1OneForAll, { blockIO: {} }), missing('v1', 'io'))
})
