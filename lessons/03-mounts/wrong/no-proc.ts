/** Everything but /proc: the box has numbers of its own, and nowhere to read them. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'proc'
export const cause = 'not been mounted'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) =>
    reference.steps(
      { ...spec, mounts: spec.mounts.filter(({ type }) => type !== 'proc') },
      machine,
    ),
}
