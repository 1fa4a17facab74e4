/** The way into a cgroup of version 2 from lesson 5 on: all else is as in lesson 4. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupBirth } from '../../src/box/cgroup-birth.ts'
import { cgroups } from '../../src/box/cgroups.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const spec = defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'] })

const BORN: Record<string, string> = {
  v2: '/cg/boxwright-x',
  v2Delegated: '/cg/mine/boxwright-x',
  hybrid: '/cg/unified/boxwright-x',
}

for (const [name, machine] of Object.entries(machines))
  test(`a box is born in its cgroup of version 2, and walks into all others, when cgroups are ${name}`, () => {
    const [walking, born] = [cgroups, cgroupBirth].map((wall) => told(wall.steps(spec, machine))) as [
      string[],
      string[],
    ]
    const directory = machine.cgroups.v2 && `${machine.cgroups.v2.base}/boxwright-x`
    const door = `box write(${directory ?? ''}/cgroup.procs, 0)`
    const birth = `host clone_into_cgroup(${directory ?? ''})`
    assert.deepEqual(
      born,
      walking.map((step) => (step === door ? birth : step)),
    )
    assert.equal(born.filter((step) => step === birth).length, directory === undefined ? 0 : 1)
    assert.equal(directory, BORN[name] ?? directory)
  })
