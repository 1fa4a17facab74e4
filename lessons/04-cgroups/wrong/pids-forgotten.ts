/** Memory and processor time, and nothing against a fork bomb. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'pids'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference
      .steps(spec, machine)
      .filter(
        (step) => !(step.call === 'write' && step.args[0].endsWith('pids.max')),
      ),
}
