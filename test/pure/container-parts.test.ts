/** The smallest parts of a container, each with and without what it is about, as tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clocks } from '../../src/box/container/clocks.ts'
import { containerCommand, containerDirectory } from '../../src/box/container/command.ts'
import { parseCpuList } from '../../src/box/container/cpu-list.ts'
import { execAffinity } from '../../src/box/container/exec-affinity.ts'
import { joinRdt } from '../../src/box/container/intel-rdt.ts'
import { labelled } from '../../src/box/container/label.ts'
import { memoryPolicy } from '../../src/box/container/memory-policy.ts'
import { pidfd } from '../../src/box/container/pidfd.ts'
import { workingDirectory } from '../../src/box/container/working-directory.ts'
import type { Self } from '../../src/kernel/self.ts'
import { specOfConfig } from '../../src/oci/config.ts'
import type { Draft, Wall } from '../../src/plan/plan.ts'
import type { Spec } from '../../src/oci/spec.ts'
import { testCases, type Fields } from './container-cases.ts'
import { machines } from './machines.ts'

const wall = (name: string, steps: (spec: Spec, self: Self) => Draft[]) => ({
  wall: ({ self }: { self: Self }): Wall => ({ name, lesson: 13, steps: (spec) => steps(spec, self) }),
})
const policy = wall('memory-policy', memoryPolicy)
const times = wall('clocks', clocks)
const inTime = (fields: Fields = {}): Fields => ({ namespaces: [{ type: 'time', ...fields }] })

testCases({
  'a command': {
    wall: () => containerCommand,
    process: { args: ['sleep', '9'], env: ['A=b'] },
    steps: ['box execvpe(sleep, sleep 9, 1 variables)'],
  },
  'a place to stand': {
    wall: () => containerDirectory,
    process: { cwd: '/srv' },
    steps: ['box chdir(/srv)'],
  },
  'a working directory of two levels': {
    wall: () => workingDirectory,
    process: { cwd: '/srv/../srv/www' },
    steps: ['box mkdir(/srv, 0755) fine EEXIST EROFS', 'box mkdir(/srv/www, 0755) fine EEXIST EROFS'],
  },
  'the root to work in': { wall: () => workingDirectory, process: { cwd: '/' }, steps: [] },
  'nobody who waits for its process': { wall: () => pidfd('standard', undefined), steps: [] },
  'somebody who waits for its process': {
    wall: () => pidfd('setns', '/run/agent'),
    steps: ['host connect(#59, /run/agent)', 'host pidfd_open(#60, {box})', 'host sendmsg(#59, setns, #60)'],
  },
  'no processors of a later command’s': { wall: () => execAffinity, steps: [] },
  'the first processors of a later command alone': {
    wall: () => execAffinity,
    process: { execCPUAffinity: { initial: '1' } },
    steps: ['host sched_setaffinity(0, [1])'],
  },
  'no class of a later command’s': { wall: joinRdt, steps: [] },
  'no nodes of memory': { ...policy, steps: [] },
  'the usual nodes of memory': {
    ...policy,
    linux: { memoryPolicy: { mode: 'MPOL_DEFAULT' } },
    steps: ['box set_mempolicy(MPOL_DEFAULT, [])'],
  },
  'nodes of memory where the kernel knows none': {
    wall: ({ self: { nodes: _, ...self } }) => policy.wall({ self }),
    linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' } },
    steps: /^linux\.memoryPolicy is there, and this kernel was built without nodes of memory/,
  },
  'no clocks': { ...times, steps: [] },
  'clocks of somebody else’s': { ...times, linux: inTime({ path: '/proc/1/ns/time' }), steps: [] },
  'clocks that are not set': {
    ...times,
    linux: inTime(),
    steps: ['box unshare(CLONE_NEWTIME)', 'box setns(/proc/self/ns/time_for_children, CLONE_NEWTIME)'],
  },
  'a clock that is set by seconds alone': {
    ...times,
    linux: { ...inTime(), timeOffsets: { boottime: { secs: 9 }, monotonic: { nanosecs: 5 } } },
    steps: [
      'box unshare(CLONE_NEWTIME)',
      'box write(/proc/self/timens_offsets, "boottime 9 0\\nmonotonic 0 5\\n")',
      'box setns(/proc/self/ns/time_for_children, CLONE_NEWTIME)',
    ],
  },
})

for (const text of ['x', '2-1', '1,,x', '-1'])
  test(`a list of processors is refused when it is ${JSON.stringify(text)}`, () =>
    assert.throws(() => parseCpuList(text), { name: 'RangeError', message: /it is no list of processors/ }))

test('a list of processors may be empty, and end with a newline', () => {
  assert.deepEqual(parseCpuList('\n'), [])
  assert.deepEqual(parseCpuList('0-2,4\n'), [0, 1, 2, 4])
})

const config = { ociVersion: '1.3.0', root: { path: '/r' }, process: { args: ['sh'], cwd: '/' } }
const around = { directory: '/b', cgroupsPath: '/c1', hostname: '' }

for (const [what, mountLabel, labels, type, expected] of [
  ['there is one, and somebody to read it', 'u:r:t', 'selinux', 'tmpfs', 'size=1k,context="u:r:t"'],
  ['there is none', '', 'selinux', 'tmpfs', 'size=1k'],
  ['nobody reads it', 'u:r:t', 'apparmor', 'tmpfs', 'size=1k'],
  ['the file system is the kernel’s own', 'u:r:t', 'selinux', 'proc', 'size=1k'],
] as const)
  test(`a mount has ${expected === 'size=1k' ? 'no' : 'a'} label when ${what}`, () => {
    const spec = specOfConfig({ ...config, linux: { mountLabel } }, around)
    const machine = { ...machines.v2, security: { ...machines.v2.security, labels } }
    assert.equal(labelled('size=1k', type, spec, machine), expected)
  })

test('a label stands alone when a mount has no other options', () => {
  const spec = specOfConfig({ ...config, linux: { mountLabel: 'u:r:t' } }, around)
  const machine = { ...machines.v2, security: { ...machines.v2.security, labels: 'selinux' as const } }
  assert.equal(labelled('', 'tmpfs', spec, machine), 'context="u:r:t"')
})
