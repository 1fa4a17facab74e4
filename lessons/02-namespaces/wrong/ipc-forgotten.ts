/** One flag is missing: shared memory and message queues are the host's. */
import * as kernel from '../../../src/kernel/constants.ts'
import { box, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'ipc'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ hostname }) => [
    host('unshare', [kernel.CLONE_NEWPID], 'PID 1'),
    box(
      'unshare',
      [kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP],
      'the others',
    ),
    box('sethostname', [hostname], 'its name'),
  ],
}
