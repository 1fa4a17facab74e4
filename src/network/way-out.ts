/** What a box's way out would be made by on this machine: asked, not guessed. */
import { dirname } from 'node:path'
import type { Network } from '../kernel/network.ts'
import { versionsOf } from './cni/chain.ts'
import { findPlugin } from './cni/execute.ts'
import { userModeProgram } from './user-mode.ts'

// #region way-out
/** @returns in words what it is, or what to install. */
export function wayOut({ ours }: Network): { ok: boolean; fact: string; remedy?: string } {
  if (ours) return { ok: true, fact: `CNI, by bridge in ${placeOf('bridge')} (${versionsOf('bridge').at(-1) ?? 'no'})` }
  const program = userModeProgram()
  if (program) return { ok: true, fact: program }
  const remedy = 'Install pasta or slirp4netns (Debian: passt)'
  return { ok: false, fact: 'none: this network is not ours, and neither pasta nor slirp4netns is here', remedy }
}
// #endregion way-out

/** Ours, or whose it is. */
function placeOf(type: string): string {
  const place = dirname(findPlugin(type))
  return place.endsWith('/src/cli/cni') ? 'Boxwright itself' : place
}
