/** Your session's keys go to whoever you start, and no namespace stands in between. */
import type { Attack } from './attack.ts'
import { onHost } from './ground.ts'
import { isStolen, LOOT, secret } from './token.ts'

// #region keyring
export const keyring: Attack = {
  name: 'keyring',
  story: 'read a key of the session that the box was started in',
  closedBy: 8,
  attempt: (ground) => {
    const [name, key] = [secret(), secret()]
    return {
      under: onHost('with-key', name, key),
      args: ground.program('keyring', name, LOOT),
      succeeded: () => isStolen(ground, key),
    }
  },
}
// #endregion keyring
