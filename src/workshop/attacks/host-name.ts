/** The host's name, changed from a box. The host is a UTS namespace of ours, in which nobody else is. */
import { hostname } from 'node:os'
import type { Attack } from './attack.ts'
import { secret } from './token.ts'

// #region name
export const hostName: Attack = {
  name: 'host-name',
  story: 'give the host another name',
  closedBy: 2,
  attempt: (ground) => {
    const name = secret()
    return {
      args: ground.program('host-name', name),
      succeeded: () => hostname() === name,
    }
  },
}
// #endregion name
