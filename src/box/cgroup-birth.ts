/**
 * Lesson 5. The share of lesson 4, and a shorter way into it. A process that walks into a cgroup is moved, and for that the kernel waits until nothing
 * else on the machine is being moved or born; who is born in its cgroup never was anywhere else. clone3(2) knows version 2's cgroups alone.
 */
import { join } from 'node:path'
import { host, type Draft, type Wall } from '../plan/plan.ts'
import { cgroups } from './cgroups.ts'

// #region birth
export const cgroupBirth: Wall = {
  name: 'cgroup-birth',
  lesson: 5,
  steps: (spec, machine) => {
    const base = machine.cgroups.v2?.base
    const directory = base && join(base, spec.linux.cgroupsPath)
    return cgroups
      .steps(spec, machine)
      .map((step) => (directory && isDoorOf(directory, step) ? birthIn(directory) : step))
  },
}

const isDoorOf = (directory: string, { lane, args }: Draft): boolean =>
  lane === 'box' && args[0] === join(directory, 'cgroup.procs')

const birthIn = (directory: string): Draft => host('clone_into_cgroup', [directory], 'the box is born there')
// #endregion birth
