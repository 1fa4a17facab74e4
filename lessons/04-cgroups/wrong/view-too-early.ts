/** The launcher asks for the cgroup namespace, before the box has walked into its cgroup: the namespace begins where the launcher is. */
import { namespaces as reference } from '../../../src/box/namespaces.ts'
import { CLONE_NEWCGROUP } from '../../../src/kernel/constants.ts'
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'view'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: (spec, machine) =>
    reference.steps(spec, machine).map((step) =>
      step.call === 'unshare'
        ? {
            ...step,
            args: [
              step.lane === 'host'
                ? step.args[0] | CLONE_NEWCGROUP
                : step.args[0] & ~CLONE_NEWCGROUP,
            ] as [number],
          }
        : step,
    ),
}
