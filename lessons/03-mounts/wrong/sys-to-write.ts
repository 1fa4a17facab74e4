/** /sys without ro: one kernel for all boxes, and this one may switch it. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'sys'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) =>
    reference.steps(
      {
        ...spec,
        mounts: spec.mounts.map((mount) => ({
          ...mount,
          options: mount.options.filter((option) => option !== 'ro'),
        })),
      },
      machine,
    ),
}
