/** A host name without a UTS namespace: it would be the machine that is renamed. It is refused before anything is played. */
import * as kernel from '../../../src/kernel/constants.ts'
import { box, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'sethostname'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ hostname }) => [
    host('unshare', [kernel.CLONE_NEWPID], 'PID 1'),
    box(
      'unshare',
      [kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWCGROUP],
      'the others',
    ),
    box('sethostname', [hostname], 'its name'),
  ],
}
