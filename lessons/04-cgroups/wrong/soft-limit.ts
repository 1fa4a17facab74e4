/** A limit that ends nobody: above it the kernel only takes memory back, when others need it. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Draft, Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'memory'
export const cause = 'is soft'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference
      .steps(spec, machine)
      .filter((step) => !(step.call === 'write' && isSwap(step.args[0])))
      .map((step) => (step.call === 'write' ? soften(step) : step)),
}

const isSwap = (file: string): boolean => /memsw|swap/.test(file)

function soften(step: Draft & { call: 'write' }): Draft {
  const [file, value] = step.args
  const soft = file
    .replace('memory.limit_in_bytes', 'memory.soft_limit_in_bytes')
    .replace('memory.max', 'memory.high')
  return { ...step, args: [soft, value] }
}
