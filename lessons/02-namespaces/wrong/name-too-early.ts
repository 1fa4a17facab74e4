/** The two right calls in the wrong order: when the name is set, the UTS namespace is still the machine's. It is refused. */
import * as kernel from '../../../src/kernel/constants.ts'
import { box, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'sethostname'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ hostname }) => [
    host('unshare', [kernel.CLONE_NEWPID], 'PID 1'),
    box('sethostname', [hostname], 'its name'),
    box(
      'unshare',
      [
        kernel.CLONE_NEWNS |
          kernel.CLONE_NEWUTS |
          kernel.CLONE_NEWIPC |
          kernel.CLONE_NEWCGROUP,
      ],
      'the others',
    ),
  ],
}
