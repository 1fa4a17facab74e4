import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupView } from '../../src/box/cgroup-view.ts'
import type { Machine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Resources } from '../../src/oci/resources.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const EVERY = { cpu: { quota: 50_000n, cpus: '0' }, blockIO: {} }

const view = (machine: Machine, resources: Resources = {}): string[] =>
  told(cgroupView.steps(defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], resources }), machine))

const SAFE = 'MS_NODEV|MS_NOEXEC|MS_NOSUID'
const FIRST = `box mount(tmpfs, /sys/fs/cgroup, tmpfs, ${SAFE}|MS_STRICTATIME, mode=755)`
const LAST = `box mount(tmpfs, /sys/fs/cgroup, '', ${SAFE}|MS_RDONLY|MS_REMOUNT, mode=755)`
const hierarchy = (names: string): string[] => [
  `box mkdir(/sys/fs/cgroup/${names}, 0755)`,
  `box mount(cgroup, /sys/fs/cgroup/${names}, cgroup, ${SAFE}|MS_RDONLY, ${names})`,
]

test('cgroup-view mounts nothing when the machine has no cgroups', () => {
  assert.deepEqual(view(machines.none), [])
})

test('cgroup-view mounts the one tree read-only when the machine has v2', () => {
  const expected = [`box mount(cgroup, /sys/fs/cgroup, cgroup2, ${SAFE}|MS_RDONLY, '')`]
  for (const machine of [machines.v2, machines.v2Fresh, machines.v2Delegated]) assert.deepEqual(view(machine), expected)
})

const HIERARCHIES: [name: keyof typeof machines, limits: Resources, hierarchies: string[]][] = [
  ['v1', EVERY, ['memory', 'pids', 'cpu', 'cpuset', 'blkio']],
  ['hybrid', EVERY, ['memory', 'pids', 'cpu', 'cpuset', 'blkio']],
  ['v1Shared', EVERY, ['memory', 'pids', 'cpu,cpuacct', 'cpuset', 'blkio']],
  ['v1OneForAll', { cpu: { cpus: '0' } }, ['memory,pids,cpuset']],
  ['divided', { cpu: { quota: 50_000n } }, ['memory', 'cpu']],
  // Of a hierarchy that the box has no cgroup in it would see the host's whole tree.
  ['v1', {}, ['memory', 'pids']],
  ['hybrid', { cpu: { quota: 50_000n } }, ['memory', 'pids', 'cpu']],
]
for (const [name, limits, hierarchies] of HIERARCHIES)
  test(`cgroup-view mounts ${hierarchies.join(' ')}, then locks the directory, when the machine is ${name} and it is asked for that`, () => {
    assert.deepEqual(view(machines[name], limits), [FIRST, ...hierarchies.flatMap(hierarchy), LAST])
  })
