/** The limits stand in one cgroup and the box is in another, below it. They hold, for all the cgroups there together. */
import { dirname, join } from 'node:path'
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import { box, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'memory'
export const cause = 'the cgroup above'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference.steps(spec, machine).flatMap((step) => {
      if (step.lane === 'host' || step.call !== 'write') return [step]
      const inner = join(dirname(step.args[0]), 'inner')
      return [
        host('mkdir', [inner, 0o755], 'a cgroup in it'),
        box('write', [join(inner, 'cgroup.procs'), '0'], 'walk in'),
      ]
    }),
}
