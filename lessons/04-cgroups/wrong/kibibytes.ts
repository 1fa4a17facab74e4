/** Somebody thinks that the kernel counts kibibytes, and multiplies: the limit is a thousand times too high. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'memory'
export const cause = 'unit'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: ({ linux, ...spec }, machine) => {
    const { memory, ...others } = linux.resources
    const limits = memory?.limit
      ? { ...others, memory: { limit: memory.limit * 1024n } }
      : others
    return reference.steps(
      { ...spec, linux: { ...linux, resources: limits } },
      machine,
    )
  },
}
