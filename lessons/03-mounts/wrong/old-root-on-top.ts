/** pivot_root('.', '.'), and the old root is left where it then lies: on top of the new one. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'old-root'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) =>
    reference.steps(spec, machine).filter(({ call }) => call !== 'umount2'),
}
