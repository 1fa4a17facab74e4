/** The limits are written to the hierarchy's own root: for everything on the machine. It is refused. */
import { cgroups as reference } from '../../../src/box/cgroups.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'everything on your machine'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: (spec, machine) =>
    reference.steps(spec, machine).map((step) =>
      step.call === 'write' &&
      step.lane === 'host' &&
      step.args[0].includes(spec.linux.cgroupsPath)
        ? {
            ...step,
            args: [
              step.args[0].replace(spec.linux.cgroupsPath, ''),
              step.args[1],
            ] as [string, string],
          }
        : step,
    ),
}
