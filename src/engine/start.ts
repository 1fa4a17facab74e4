/** A container that has ended begins again: the same command, on what it has written. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { becomeOwner } from '../content/owner.ts'
import { snapshotsOf, type Stores } from '../image/stores.ts'
import { readJson } from '../oci/json.ts'
import type { Spec } from '../oci/spec.ts'
import { beginAttached, beginDetached } from './begin.ts'
import type { Kept, Shelf } from './kept.ts'
import { sweepOne } from './remove.ts'
import { takeTurn } from './turn.ts'

// #region start
/** @returns the exit status of a command that was waited for; 0 of one that is left alone, or runs already. */
export async function startKept(stores: Stores, shelf: Shelf, kept: Kept, attach: boolean): Promise<number> {
  using turn = await takeTurn(stores, shelf, kept)
  if (!turn) {
    if (!attach) return 0
    throw new Error(
      `Cannot start container "${kept.name}": it runs already\n  See what it says: boxwright logs --follow ${kept.name}`,
    )
  }
  const ended = shelf.again(kept) ?? kept
  sweepOne(stores, shelf, ended)
  const spec = readJson(readFileSync(join(shelf.bundle(kept.id), 'config.json'), 'utf8')) as Spec
  const layers = snapshotsOf(stores, kept.snapshotter).mounts(kept.snapshot)
  const made = { kept: { ...ended, maker: becomeOwner() }, layers, spec }
  if (attach) return await beginAttached(stores, shelf, made)
  await beginDetached(stores, shelf, made)
  return 0
}
// #endregion start
