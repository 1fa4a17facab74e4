/** Takes what the process has, and leaves what execve(2) may give: root gets it all back. */
import { PR_SET_NO_NEW_PRIVS } from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'bounding'
export const cause = 'bounding set'

export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: () => [
    box('capset', [0, 0, 0], 'nothing left'),
    box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], 'no new ones'),
  ],
}
