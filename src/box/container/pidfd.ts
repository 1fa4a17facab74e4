/**
 * Lesson 13. A process's number can be given to another one when it has ended; a descriptor of it cannot: pidfd_open(2). Whoever is to look after a
 * container is sent one, over a socket where they wait for it, before its process becomes the command.
 */
import { BOX, host, type Wall } from '../../plan/plan.ts'

/** Numbers for what is open meanwhile. */
const [SOCKET, PIDFD] = [59, 60]

// #region pidfd
/** @param kind of process, in the word that runC sends with it. @param socket where somebody waits; without, nobody does. */
export const pidfd = (
  kind: 'standard' | 'setns',
  socket: string | undefined,
): Wall => ({
  name: 'pidfd',
  lesson: 13,
  steps: () =>
    socket === undefined
      ? []
      : [
          host('connect', [SOCKET, socket], 'somebody waits for the process', {
            waits: true,
          }),
          host('pidfd_open', [PIDFD, BOX], 'it, and no other of its number'),
          host('sendmsg', [SOCKET, kind, PIDFD], 'here it is', { waits: true }),
        ],
})
// #endregion pidfd
