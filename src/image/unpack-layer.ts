/**
 * A layer becomes a snapshot on that of the layer below it. Where snapshots are laid over each other it need not wait for that one: it is unpacked by
 * itself, and put into its place when there is something to stand on. Most layers say all of what they change; one that does not is unpacked again.
 */
import { randomUUID } from 'node:crypto'
import { renameSync, rmdirSync } from 'node:fs'
import { becomeOwner, isAtWork, letGo, SIGN_OF_LIFE, type Owner } from '../content/owner.ts'
import { ROOT } from '../content/references.ts'
import { applyLayer, type Applied } from '../layer/apply.ts'
import { LowerNeeded } from '../layer/layer-error.ts'
import type { Digest } from '../oci/digest.ts'
import { openApart } from '../snapshot/apart.ts'
import type { LayerStore } from '../snapshot/driver.ts'
import { likeIn } from '../snapshot/overlay.ts'
import { isFault } from '../snapshot/snapshotter.ts'
import type { NamedLayer } from './find.ts'
import type { Stores } from './stores.ts'
import type { Turns } from './turns.ts'
import { committed } from './unpacked.ts'

export interface Work extends NamedLayer {
  parent: Digest | undefined
  /** Waits until the layer is in the store. */
  arrival: () => Promise<void>
  /** Its parent is a snapshot. */
  below: Promise<void>
  turns: Turns
}

/** One that was unpacked by itself. */
interface Alone extends Disposable {
  directory: string
  applied: Applied
}

// #region layer
/** Whoever comes first does it; whoever comes second waits until it is there, or takes over from somebody who has died. */
export async function unpackLayer(stores: Stores, work: Work): Promise<void> {
  const { snapshots } = stores
  if (committed(snapshots, work.chainId)) return
  await work.arrival()
  const owner = becomeOwner()
  try {
    using alone = await unpackAlone(stores, work, owner)
    await work.below
    for (let patience = 5; !committed(snapshots, work.chainId); patience = Math.min(2 * patience, 200))
      if (begin(snapshots, work, owner)) await fill(stores, work, alone)
      else await new Promise((resolve) => setTimeout(resolve, patience))
  } finally {
    letGo(owner)
  }
}
// #endregion layer

const keyOf = ({ chainId }: Work): string => `unpacking ${chainId}`
const OWNER = 'boxwright/owner'

/** As long as somebody is at work on it nobody collects it. */
export const heldBy = (owner: Owner): Record<string, string> => ({ [OWNER]: JSON.stringify(owner), [ROOT]: 'at work' })

function begin(snapshots: LayerStore, work: Work, owner: Owner): boolean {
  try {
    snapshots.prepare(keyOf(work), work.parent, heldBy(owner))
    return true
  } catch (error) {
    if (!isFault(error, 'already-exists')) throw error
    takeOver(snapshots, keyOf(work))
    return false
  }
}

/** What those have left who were killed. */
export function sweepUnpacking(snapshots: LayerStore): void {
  for (const { name, labels } of [...snapshots.walk()]) if (OWNER in labels) takeOver(snapshots, name)
}

function takeOver(snapshots: LayerStore, key: string): void {
  try {
    const { labels, updated } = snapshots.stat(key)
    if (!isAtWork(JSON.parse(labels[OWNER] ?? '{}') as Owner, Date.parse(updated))) snapshots.remove(key)
  } catch (error) {
    if (!isFault(error, 'not-found')) throw error
  }
}

// #region alone
/** @returns nothing where there is nothing to be gained, or where that cannot be done. */
async function unpackAlone({ store, snapshots }: Stores, work: Work, owner: Owner): Promise<Alone | undefined> {
  if (work.parent === undefined) return undefined
  const key = `alone ${work.chainId} ${randomUUID()}`
  snapshots.prepare(key, undefined, heldBy(owner))
  const end = keptAlive(snapshots, key)
  const discard = (): void => {
    end()
    snapshots.remove(key)
  }
  try {
    const { directory, overlay } = snapshots.writing(key)
    const options = { diffId: work.diffId, overlay: true, alone: true }
    const applied =
      overlay &&
      (await work.turns.take(() =>
        applyLayer(store.content.path(work.layer.digest), work.layer.mediaType, directory, options),
      ))
    if (applied) return { directory, applied, [Symbol.dispose]: discard }
  } catch (error) {
    if (!(error instanceof LowerNeeded)) {
      discard()
      throw error
    }
  }
  discard()
  return undefined
}

/** Of a root that the layer does not speak of, the one below is what it looks like. */
function adopted({ directory, applied }: Alone, place: string): Applied {
  if (!applied.root) likeIn(place, directory)
  rmdirSync(place)
  renameSync(directory, place)
  return applied
}
// #endregion alone

function keptAlive(snapshots: LayerStore, key: string): () => void {
  const timer = setInterval(() => snapshots.update(key, {}), SIGN_OF_LIFE)
  return () => clearInterval(timer)
}

/** What has gone wrong in the middle is thrown away: there is no half of a layer. */
async function fill(stores: Stores, work: Work, alone: Alone | undefined): Promise<void> {
  const { snapshots, store } = stores
  const end = keptAlive(snapshots, keyOf(work))
  try {
    const { skipped } = alone
      ? adopted(alone, snapshots.writing(keyOf(work)).directory)
      : await work.turns.take(() => apply(snapshots, work, store.content.path(work.layer.digest)))
    snapshots.commit(work.chainId, keyOf(work))
    stores.leftOut.push(...skipped)
  } catch (error) {
    snapshots.remove(keyOf(work))
    throw error
  } finally {
    end()
  }
}

// #region apply
/**
 * The lowest layer is written where it is kept, and what it says to be gone never was: a mark of overlay's would be seen, with nothing to merge it with. Any
 * other is unpacked into the whole tree, so that a directory it does not mention stays as it is, a link leads where it led, and a hard link finds its file.
 */
async function apply(snapshots: LayerStore, work: Work, blob: string): Promise<Applied> {
  const { layer, diffId, parent } = work
  if (parent === undefined)
    return applyLayer(blob, layer.mediaType, snapshots.writing(keyOf(work)).directory, { diffId })
  using apart = openApart(snapshots.mounts(keyOf(work)))
  return await applyLayer(blob, layer.mediaType, apart.root, { diffId, under: (words) => apart.words(words) })
}
// #endregion apply
