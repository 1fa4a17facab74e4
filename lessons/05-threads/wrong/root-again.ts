/** The box maps its own number to 0: it is root again, and has every capability in there. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'nobody'
export const cause = 'somebody'

export const nobody: Wall = {
  name: 'nobody',
  lesson: 5,
  steps: () => [
    box('unshare', [CLONE_NEWUSER], 'nobody'),
    box('write', ['/proc/self/uid_map', '0 0 1'], 'and somebody again'),
  ],
}
