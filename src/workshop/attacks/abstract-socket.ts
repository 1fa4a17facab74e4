/** A socket with a name that is in no file system: the network namespace has it. */
import type { Attack } from './attack.ts'
import { HostProcess } from './host-process.ts'
import { secret } from './token.ts'
import { eventually } from './wait.ts'

// #region abstract
export const abstractSocket: Attack = {
  name: 'abstract-socket',
  story: 'talk to a program of the host through a socket without a file',
  closedBy: 7,
  attempt: async (ground) => {
    const [name, word] = [secret(), secret()]
    const host = await ground.keep(new HostProcess('listener', name)).ready()
    return {
      args: ground.program('abstract-socket', name, word),
      succeeded: () => eventually(() => host.printed.includes(word)),
    }
  },
}
// #endregion abstract
