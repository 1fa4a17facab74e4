/** prctl(PR_SET_NO_NEW_PRIVS) promises that execve gives nothing more. It takes nothing away from whoever is root already. */
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'user'

const PR_SET_NO_NEW_PRIVS = 38

export const nobody: Wall = {
  name: 'nobody',
  lesson: 5,
  steps: () => [box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], 'no new rights')],
}
