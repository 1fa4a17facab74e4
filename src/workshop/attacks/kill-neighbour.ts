/** A root of its own does not hide anybody: every process of the host has a number, and numbers can be sent signals. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Attack } from './attack.ts'

// #region kill
export const killNeighbour: Attack = {
  name: 'kill-neighbour',
  story: 'end a process of the host by its number',
  closedBy: 2,
  attempt: (ground) => {
    const victim = spawn('sleep', ['60'], { stdio: 'ignore' })
    const end = once(victim, 'exit')
    ground.atEnd(() => victim.kill('SIGKILL'))
    return {
      args: ['/bin/sh', '-c', `exec 2>&-; kill -9 ${victim.pid}`],
      // It ends in any case: by their signal, or by ours.
      succeeded: async () => {
        victim.kill('SIGTERM')
        await end
        return victim.signalCode === 'SIGKILL'
      },
    }
  },
}
// #endregion kill
