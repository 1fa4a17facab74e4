/** A cgroup with all its limits, and nobody in it: the box is where its launcher is. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'member'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference.steps(spec, machine).filter(({ lane }) => lane === 'host'),
}
