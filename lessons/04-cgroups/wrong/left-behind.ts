/** mkdir without its undo: each box leaves its cgroups. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Draft, Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'cgroup-gone'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference.steps(spec, machine).map(({ undo: _, ...step }) => step as Draft),
}
