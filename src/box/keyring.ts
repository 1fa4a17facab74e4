/** Lesson 8. Keys that the kernel keeps are found by user number, in no namespace. A session keyring of its own has none yet: keyrings(7). */
import { KEYCTL_JOIN_SESSION_KEYRING } from '../kernel/constants.ts'
import { box, type Wall } from '../plan/plan.ts'

// #region keyring
export const keyring: Wall = {
  name: 'keyring',
  lesson: 8,
  steps: ({ linux }) => [
    box(
      'keyctl',
      [KEYCTL_JOIN_SESSION_KEYRING, linux.cgroupsPath.slice(1)],
      'an empty keyring in the place of the session’s',
      { fine: REFUSED },
    ),
  ],
}
// #endregion keyring

/** A kernel without keys, or a filter around us: what is refused to us is refused to the box. */
const REFUSED = ['ENOSYS', 'EPERM']
