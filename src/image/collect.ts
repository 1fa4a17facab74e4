/** What no image, no container and nobody at work needs any more goes: blobs and snapshots together. */
import { collect, type Collected, type CollectOptions } from '../content/gc.ts'
import type { Shelf } from '../content/graph.ts'
import type { LayerStore } from '../snapshot/driver.ts'
import type { Stores } from './stores.ts'
import { sweepUnpacking } from './unpack-layer.ts'

// #region collect
export function collectGarbage(stores: Stores, options: CollectOptions = {}): Collected {
  const all = stores.everywhere()
  if (!options.dryRun) for (const snapshots of all) sweepUnpacking(snapshots)
  const collected = collect(stores.store, { ...options, shelves: all.map(shelfOf) })
  if (!options.dryRun) for (const snapshots of all) snapshots.cleanup()
  return collected
}
// #endregion collect

/** Snapshots as the collection sees them. */
export const shelfOf = (snapshots: LayerStore): Shelf => ({
  name: snapshots.name,
  walk: () => [...snapshots.walk()].map(({ name: key, parent, labels }) => ({ key, parent, labels })),
  remove: (key) => snapshots.remove(key),
})
