/** A root of its own does not hide anybody: every process of the host has a number, and numbers can be sent signals. */
import { spawn } from 'node:child_process'
import { isAlive, processId } from '../../kernel/proc.ts'
import type { Attack } from './attack.ts'

// #region kill
export const killNeighbour: Attack = {
  name: 'kill-neighbour',
  story: 'end a process of the host by its number',
  closedBy: 2,
  attempt: () => {
    const victim = spawn('sleep', ['60'], { stdio: 'ignore' })
    const identity = processId(victim.pid ?? 0)
    return {
      args: ['/bin/sh', '-c', `exec 2>&-; kill -9 ${victim.pid}`],
      succeeded: () => !isAlive(identity),
      [Symbol.dispose]: () => void victim.kill('SIGKILL'),
    }
  },
}
// #endregion kill
