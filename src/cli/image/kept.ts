/** What most commands about containers begin with: the stores, and those that were named. */
import { Shelf, type Kept } from '../../engine/kept.ts'
import { openStores, type Stores } from '../../image/stores.ts'
import { answerForKept } from './networks.ts'

// #region kept
/** @param work is done for each of them, in order, and `afterwards` once. @throws Error before anything is done when one of them is not there. */
export async function forEachKept(
  words: readonly string[],
  work: (kept: Kept, shelf: Shelf, stores: Stores) => unknown,
  afterwards?: (stores: Stores, shelf: Shelf) => void,
): Promise<void> {
  using stores = await openStores()
  const shelf = new Shelf(stores.data)
  await answerForKept(shelf)
  for (const kept of words.map((word) => shelf.find(word))) await work(kept, shelf, stores)
  afterwards?.(stores, shelf)
}
// #endregion kept
