/** What the host listens on, the box can talk to: it has the host's network still. Lesson 7 gives it one of its own. */
import type { Attack } from './attack.ts'
import { Listener } from './listener.ts'

// #region network
export const hostNetwork: Attack = {
  name: 'host-network',
  story: 'talk to a program that listens for this machine alone',
  closedBy: 7,
  attempt: async (ground) => {
    const server = ground.keep(new Listener())
    await server.on({ host: '127.0.0.1', port: 0 })
    const asked = [String(server.port), server.secret]
    return {
      args: ground.program('host-network', ...asked),
      succeeded: () => server.hasHeard(),
    }
  },
}
// #endregion network
