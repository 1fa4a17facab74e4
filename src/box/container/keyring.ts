/** Lesson 13. A keyring by the container's name, which later commands find again: keyrings(7). Whoever has keys of their own to lend says so. */
import { KEYCTL_JOIN_SESSION_KEYRING } from '../../kernel/constants.ts'
import { box, type Wall } from '../../plan/plan.ts'
import type { Told } from '../hooks.ts'

/** A kernel without keys, or a filter around us: what is refused to us is refused to the container. */
const REFUSED = ['ENOSYS', 'EPERM']

// #region keyring
export const containerKeyring = ({ id }: Told): Wall => ({
  name: 'container-keyring',
  lesson: 13,
  steps: () => [
    box(
      'keyctl',
      [KEYCTL_JOIN_SESSION_KEYRING, `_ses.${id}`],
      'a keyring of its own in the place of the session’s',
      { fine: REFUSED },
    ),
  ],
})
// #endregion keyring
