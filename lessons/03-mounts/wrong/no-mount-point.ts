/** pivot_root to a directory that is no mount point. The kernel says EINVAL, and nothing else. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'not a mount point'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) =>
    reference
      .steps(spec, machine)
      .filter(({ why }) => !why.includes('mount point')),
}
