/** Memory and processes, and all the processors for one box. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'cpu'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference
      .steps(spec, machine)
      .filter(
        (step) =>
          !(step.call === 'write' && /cpu\.(max|cfs_\w+)$/.test(step.args[0])),
      ),
}
