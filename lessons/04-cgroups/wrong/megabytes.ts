/** The number of megabytes, where the kernel takes bytes: the box is ended before it is one. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'too small'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: ({ linux, ...spec }, machine) => {
    const { memory, ...others } = linux.resources
    const limits = memory?.limit
      ? { ...others, memory: { limit: memory.limit >> 20n } }
      : others
    return reference.steps(
      { ...spec, linux: { ...linux, resources: limits } },
      machine,
    )
  },
}
