/** What a container has written, as a layer. */
import type { Writable } from 'node:stream'
import { snapshotsOf, type Stores } from '../image/stores.ts'
import { diffTrees, type Diff } from '../layer/diff.ts'
import { Shelf, type Kept } from './kept.ts'
import { madeToMountOn } from './places.ts'

// #region written
/** @param out is handed the tar archive, and ended. @throws Error when a file changes while it is read. */
export function writtenBy(stores: Stores, { id, snapshotter, snapshot }: Kept, out: Writable): Promise<Diff> {
  const writing = snapshotsOf(stores, snapshotter).writing(snapshot)
  const isPassing = madeToMountOn(new Shelf(stores.data).bundle(id), writing)
  return diffTrees(writing.lower, writing.directory, out, { overlay: writing.overlay, isPassing })
}
// #endregion written
