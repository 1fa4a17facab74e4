/** Shared memory has a number for a name, and no place in a file system. */
import type { Attack } from './attack.ts'
import { Neighbour } from './neighbour.ts'
import { isStolen, LOOT } from './token.ts'

// #region shared
export const sharedMemory: Attack = {
  name: 'shared-memory',
  story: 'read a piece of the host’s shared memory by its number',
  closedBy: 2,
  attempt: async (ground) => {
    const victim = await ground.keep(new Neighbour()).ready()
    return {
      args: ground.program('shared-memory', String(victim.key), LOOT),
      succeeded: () => isStolen(ground, victim.secret),
    }
  },
}
// #endregion shared
