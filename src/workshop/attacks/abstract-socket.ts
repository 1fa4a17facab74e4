/** A socket with a name that is in no file system: the network namespace has it. */
import type { Attack } from './attack.ts'
import { Listener } from './listener.ts'
import { secret } from './token.ts'

// #region abstract
export const abstractSocket: Attack = {
  name: 'abstract-socket',
  story: 'talk to a program of the host through a socket without a file',
  closedBy: 7,
  attempt: async (ground) => {
    const name = secret()
    const server = await new Listener().on({ path: `\0${name}` })
    return {
      args: ground.program('abstract-socket', name, server.secret),
      succeeded: () => server.hasHeard(),
      [Symbol.dispose]: () => server[Symbol.dispose](),
    }
  },
}
// #endregion abstract
