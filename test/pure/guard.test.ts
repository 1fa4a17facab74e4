/** What of a plan that is still wrong would change the machine is refused. Nothing is played here: a guard that fails must not be found out the hard way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { box, host, plan, type Draft } from '../../src/plan/plan.ts'
import { cgroups } from '../../src/box/cgroups.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { Complaint } from '../../src/workshop/complaint.ts'
import { guard } from '../../src/workshop/judge/guard.ts'
import { machines } from './machines.ts'

const RESOURCES = { memory: { limit: 67_108_864n }, pids: { limit: 32n }, cpu: { quota: 50_000n, period: 100_000n } }
const spec = defaultSpec({ id: 'ID', rootfs: '/nowhere/rootfs', args: ['sh'], resources: RESOURCES })
const machine = machines.hybrid
const MEMORY = '/cg/memory'

const guarded = (...steps: Draft[]): void =>
  guard(plan(spec, [{ name: 'mine', lesson: 1, steps: () => steps }], machine), spec, machine)

const chroot = box('chroot', [spec.root.path], 'a root')
const undo = (call: 'remove_cgroup' | 'rmdir' | 'write' | 'chdir', ...args: string[]): Draft =>
  box('chroot', [spec.root.path], 'a root', { undo: { call, args } as never })

const REFUSED: [what: string, steps: Draft[], message: RegExp][] = [
  [
    'has an unknown call',
    [box('chrooot' as never, ['/'] as never, '')],
    /Cannot play chrooot: there is no call of that name/,
  ],
  ['has an argument too few', [box('mkdir', ['/x'] as never, '')], /it takes 2 arguments and was given 1/],
  ['has an undefined argument', [box('chroot', [undefined as never], '')], /one of its arguments is undefined/],
  ['makes a directory on the host', [box('mkdir', ['/usr/x', 0o755], '')], /this is "\/usr\/x" of your machine/],
  ['makes a directory beside the root', [box('mkdir', [`${spec.root.path}x/y`, 0o755], '')], /of your machine/],
  ['makes a device on the host', [box('mknod', ['/dev/x', 0, 0], ''), chroot], /this is "\/dev\/x" of your machine/],
  ['makes a link on the host', [box('symlink', ['/x', '/etc/y'], '')], /this is "\/etc\/y" of your machine/],
  ['writes a file of the host', [host('write', ['/etc/hostname', 'x'], '')], /that file is your machine’s/],
  ['limits everything', [host('write', [`${MEMORY}/memory.limit_in_bytes`, '1'], '')], /everything on your machine/],
  [
    'walks into the cgroup itself',
    [host('write', [`${MEMORY}/boxwright-ID/cgroup.procs`, '1'], '')],
    /Boxwright itself/,
  ],
  ['changes Boxwright’s root', [host('chroot', ['/'], '')], /Boxwright itself that changes/],
  ['becomes the command itself', [host('execvpe', ['sh', ['sh'], []], '')], /Boxwright itself that changes/],
  ['ends every process', [box('remove_cgroup' as never, [MEMORY] as never, '')], /it is an undo, and no step/],
  ['ends every process by its undo', [undo('remove_cgroup', MEMORY)], /its undo, remove_cgroup\(.*\), is not/],
  ['ends others by its undo', [undo('remove_cgroup', `${MEMORY}/other`)], /its undo, .*, is not/],
  ['climbs out by its undo', [undo('remove_cgroup', `${MEMORY}/boxwright-ID/..`)], /its undo, .*, is not/],
  ['removes a directory of the host by its undo', [undo('rmdir', '/usr/x')], /its undo, .*, is not/],
  ['has something else for an undo', [undo('chdir', spec.root.path)], /its undo, .*, is not/],
]

for (const [what, steps, message] of REFUSED)
  test(`guard refuses a plan when it ${what}`, () => {
    assert.throws(
      () => guarded(...steps),
      (error) => error instanceof Complaint && message.test(error.message),
    )
  })

for (const [name, where] of Object.entries(machines))
  test(`guard takes the reference's plan as it is when the machine is ${name}`, () => {
    const { v1, v2 } = where.cgroups
    const offered = Object.entries(RESOURCES).filter(([name]) => name in v1 || v2?.available.includes(name))
    const asked = { ...spec, linux: { ...spec.linux, resources: Object.fromEntries(offered) } }
    guard(plan(asked, [cgroups, namespaces, mounts], where), asked, where)
  })

test('guard takes any path when the box has a root of its own', () => {
  guarded(chroot, box('mkdir', ['/usr/x', 0o755], ''), box('symlink', ['/x', '/etc/y'], ''))
})
