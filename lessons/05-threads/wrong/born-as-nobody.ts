/** Asked for in the host lane: the box is nobody from its birth on, and cannot build its own walls. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'

export const nobody: Wall = {
  name: 'nobody',
  lesson: 5,
  steps: () => [host('unshare', [CLONE_NEWUSER], 'nobody from the beginning')],
}
