/** What a process was handed in its environment, whoever sees the process can read. */
import { spawn } from 'node:child_process'
import type { Attack } from './attack.ts'
import { isStolen, LOOT, secret } from './token.ts'

// #region read
export const readNeighbour: Attack = {
  name: 'read-neighbour',
  story: 'read the environments of the host’s processes, passwords and all',
  closedBy: 2,
  attempt: (ground) => {
    const password = secret()
    const victim = spawn('sleep', ['60'], {
      stdio: 'ignore',
      env: { ...process.env, PASSWORD: password },
    })
    ground.atEnd(() => victim.kill('SIGKILL'))
    return {
      args: ground.program('read-neighbour', LOOT),
      succeeded: () => isStolen(ground, password),
    }
  },
}
// #endregion read
