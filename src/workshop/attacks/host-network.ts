/** What the host listens on, the box can see and talk to: it has the host's network still. Lesson 7 gives it one of its own. */
import { namespaceOf } from '../../kernel/proc.ts'
import type { Attack } from './attack.ts'

// #region network
export const hostNetwork: Attack = {
  name: 'host-network',
  story: 'find the network of the host as if it were its own',
  closedBy: 7,
  attempt: () => {
    let shared = false
    return {
      args: [
        '/bin/sh',
        '-c',
        'exec >&- 2>&-; cat /proc/net/dev; exec sleep 60',
      ],
      watch: (pid) => {
        shared = namespaceOf(pid, 'net') === namespaceOf('self', 'net')
        process.kill(pid, 'SIGKILL')
      },
      succeeded: () => shared,
      [Symbol.dispose]: () => {},
    }
  },
}
// #endregion network
