/** A limit that ends nobody: above it the kernel only takes memory back, when others need it. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'memory'
export const cause = 'is soft'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference.steps(spec, machine).flatMap((step) => {
      if (step.call !== 'write' || /memsw|swap/.test(step.args[0]))
        return step.call === 'write' ? [] : [step]
      const file = step.args[0]
        .replace('memory.limit_in_bytes', 'memory.soft_limit_in_bytes')
        .replace('memory.max', 'memory.high')
      return [{ ...step, args: [file, step.args[1]] as [string, string] }]
    }),
}
