/** Lesson 5. The last step before the command, and the first that a process with threads cannot take: user_namespaces(7). */
import { CLONE_NEWUSER } from '../kernel/constants.ts'
import { box, type Wall } from '../plan/plan.ts'

// #region nobody
export const nobody: Wall = {
  name: 'nobody',
  lesson: 5,
  steps: () => [
    box(
      'unshare',
      [CLONE_NEWUSER],
      'in here no number is mapped: root is nobody, and may nothing',
    ),
  ],
}
// #endregion nobody
