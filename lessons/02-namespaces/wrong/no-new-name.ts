/** A UTS namespace, and nobody gives it a name: it begins as a copy, so the box is called as the host is. */
import * as kernel from '../../../src/kernel/constants.ts'
import { box, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'hostname'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: () => [
    host('unshare', [kernel.CLONE_NEWPID], 'PID 1'),
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
