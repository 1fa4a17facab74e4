/** The launcher writes its own number: it would walk in itself, and be ended with the cgroup. It is refused. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import { host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'Boxwright itself'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference
      .steps(spec, machine)
      .map((step) =>
        step.call === 'write' && step.lane === 'box'
          ? host('write', [step.args[0], String(process.pid)], 'walk in')
          : step,
      ),
}
