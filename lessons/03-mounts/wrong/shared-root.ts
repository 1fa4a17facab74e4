/** pivot_root while the mounts are shared: EINVAL again, for another reason. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'shared mount'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) => reference.steps(spec, machine).slice(1),
}
