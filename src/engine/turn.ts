/**
 * One at a time is at work in the tree of a container that does not run: whoever copies, starts it again, or takes it away. Two mounts of one tree would not know
 * of each other: overlayfs.rst, "Sharing and copying layers". Who has died has had its turn.
 */
import { rmSync, statSync, utimes } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { becomeOwner, isAtWork, letGo, SIGN_OF_LIFE, type Owner } from '../content/owner.ts'
import { isFull } from '../content/room.ts'
import type { Stores } from '../image/stores.ts'
import { readOrEmpty, replaceFile } from '../kernel/file.ts'
import type { Kept, Shelf } from './kept.ts'
import { isRunning, isSeenTo } from './status.ts'

// #region turn
/** @returns nothing when it runs, or has gone: whoever waited may find that. */
export async function takeTurn(stores: Stores, shelf: Shelf, kept: Kept): Promise<Disposable | undefined> {
  for (;;) {
    const now = shelf.again(kept)
    if (!now || isRunning(shelf, now)) return undefined
    const owner = stores.store.metadata.change(() => claim(shelf, now), { frees: true })
    if (owner) return held(fileOf(shelf, kept), owner)
    await later(20)
  }
}

/** Within a change: between the look and the claim there is nobody else. */
function claim(shelf: Shelf, kept: Kept): Owner | undefined {
  if (isSeenTo(shelf, kept) || isTaken(shelf, kept)) return undefined
  const owner = becomeOwner()
  try {
    replaceFile(fileOf(shelf, kept), JSON.stringify(owner))
  } catch (error) {
    if (!isFull(error)) throw error // nobody sees that it is ours then; and room can be made, by taking it away
  }
  return owner
}

function held(file: string, owner: Owner): Disposable {
  const alive = setInterval(() => utimes(file, new Date(), new Date(), () => {}), SIGN_OF_LIFE)
  return {
    [Symbol.dispose]: () => {
      clearInterval(alive)
      rmSync(file, { force: true })
      letGo(owner)
    },
  }
}
// #endregion turn

export function isTaken(shelf: Shelf, kept: Kept): boolean {
  const file = fileOf(shelf, kept)
  const owner = readOrEmpty(file)
  const sign = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return owner !== '' && isAtWork(JSON.parse(owner) as Owner, sign)
}

const fileOf = (shelf: Shelf, { id }: Kept): string => join(shelf.bundle(id), 'turn.json')
