/** A debugger is a process that may change another one. It asks for a number, and for a right that root has. */
import { randomInt } from 'node:crypto'
import type { Attack } from './attack.ts'
import { ADDRESS, Neighbour } from './neighbour.ts'

// #region trace
export const traceNeighbour: Attack = {
  name: 'trace-neighbour',
  story: 'trace a process of the host, and write into its memory',
  closedBy: 2,
  attempt: async (ground) => {
    const victim = await ground.keep(new Neighbour()).ready()
    const word = String(randomInt(1, 2 ** 47))
    const asked = [String(victim.pid), String(ADDRESS), word]
    return {
      args: ground.program('trace-neighbour', ...asked),
      succeeded: () => String(victim.read(8).readBigUInt64LE()) === word,
    }
  },
}
// #endregion trace
