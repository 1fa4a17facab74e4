/** What the host's programs say to each other on the loopback interface is heard by whoever may listen to all packets. */
import { createSocket } from 'node:dgram'
import type { Attack } from './attack.ts'
import { isStolen, LOOT, secret } from './token.ts'

// #region raw
export const rawSocket: Attack = {
  name: 'raw-socket',
  story: 'overhear what programs of the host say to each other',
  closedBy: 5,
  attempt: (ground) => {
    const said = secret()
    const host = createSocket('udp4')
    const talk = setInterval(() => host.send(said, 9, '127.0.0.1'), 20)
    ground.atEnd(() => {
      clearInterval(talk)
      host.close()
    })
    return {
      args: ground.program('raw-socket', 'boxwright-', LOOT),
      succeeded: () => isStolen(ground, said),
    }
  },
}
// #endregion raw
