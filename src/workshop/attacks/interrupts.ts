/** A file that everybody may read, about everybody. It is the same one in all boxes, and on the host. */
import { readFileSync } from 'node:fs'
import type { Attack } from './attack.ts'
import { LOOT, readLoot } from './token.ts'

// #region interrupts
export const interrupts: Attack = {
  name: 'interrupts',
  story: 'count the interrupts of the host, key presses among them',
  closedBy: 8,
  attempt: (ground) => ({
    args: ground.program('interrupts', LOOT),
    succeeded: () => {
      const own = shape(readFileSync('/proc/interrupts', 'utf8'))
      return shape(readLoot(ground).toString()) === own
    },
  }),
}
// #endregion interrupts

/** The counts go on; devices and processors stay. */
const shape = (text: string): string => text.replace(/\s+\d+\b/g, ' #')
