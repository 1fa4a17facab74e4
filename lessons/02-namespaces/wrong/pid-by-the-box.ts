/** Asks for everything at once, in the box. All flags are right; but the process that asks keeps its number, and only a child of it would be PID 1. */
import * as kernel from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'pid'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ hostname }) => [
    box(
      'unshare',
      [
        kernel.CLONE_NEWPID |
          kernel.CLONE_NEWNS |
          kernel.CLONE_NEWUTS |
          kernel.CLONE_NEWIPC |
          kernel.CLONE_NEWCGROUP,
      ],
      'everything',
    ),
    box('sethostname', [hostname], 'its name'),
  ],
}
