/** One more namespace, and not the kind that rights belong to. */
import { CLONE_NEWIPC } from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'user'
export const cause = 'CLONE_NEWUSER'

export const nobody: Wall = {
  name: 'nobody',
  lesson: 5,
  steps: () => [box('unshare', [CLONE_NEWIPC], 'apart')],
}
