/** The end of a container of an image: what it was made of goes, as far as it is there. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isAtWork } from '../content/owner.ts'
import { snapshotsOf, type Stores } from '../image/stores.ts'
import { playerOf } from '../launch/ask.ts'
import { deleteContainer } from '../runtime/delete.ts'
import { usualSettings } from '../runtime/settings.ts'
import { isFault } from '../snapshot/snapshotter.ts'
import type { Kept, Shelf } from './kept.ts'
import { isRunning } from './status.ts'
import { isTaken } from './turn.ts'

// #region remove
/** @throws Error when it still runs, unless it is to be ended. */
export function removeKept(stores: Stores, shelf: Shelf, kept: Kept, force = false): void {
  deleteContainer(usualSettings(), kept.id, { force: force || !isRunning(shelf, kept) })
  endNetwork(shelf, kept)
  try {
    snapshotsOf(stores, kept.snapshotter).remove(kept.snapshot)
  } catch (error) {
    if (!isFault(error, 'not-found')) throw error
  }
  for (const volume of kept.volumes) rmSync(volume, { recursive: true, force: true })
  shelf.drop(kept)
}
// #endregion remove

// #region sweep
/** What those have left who were killed. */
export function sweepKept(stores: Stores, shelf: Shelf): void {
  for (const kept of shelf.all()) if (!isTaken(shelf, kept)) sweepOne(stores, shelf, kept)
  stores.store.metadata.change(() => shelf.sweep(), { frees: true })
}

/** It has ended, and nobody sees to it any more: then we do, and take it away if it was to go with its end. */
export function sweepOne(stores: Stores, shelf: Shelf, kept: Kept): void {
  if (isAtWork(kept.maker, shelf.signOf(kept)) || isRunning(shelf, kept)) return
  if (kept.removes) removeKept(stores, shelf, kept)
  else settle(shelf, kept)
}

/** What is left of it where containers run, and of its network. What it has written stays. */
function settle(shelf: Shelf, kept: Kept): void {
  if (existsSync(join(usualSettings().root, kept.id))) deleteContainer(usualSettings(), kept.id, { force: true })
  endNetwork(shelf, kept)
}

export function endNetwork(shelf: Shelf, kept: Kept): void {
  const { network, ...rest } = kept
  if (network?.call !== 'ask') return
  playerOf(network.args[0]).undo(network.args[1])
  if (shelf.again(kept)?.network) shelf.note(rest)
}
// #endregion sweep
