/** A full disk: what to say of it, and a little that is kept back from those who only want to add. */
import { fstatSync, readSync, statfsSync } from 'node:fs'
import { writeAll } from '../kernel/file.ts'

/** A change to the metadata copies the pages that it touches, and taking things away is a change too. */
const KEPT_BACK = 256 * 1024

class NoRoom extends Error {
  override readonly name = 'NoRoom'
  readonly code = 'ENOSPC'

  constructor(directory: string, options?: ErrorOptions) {
    super(
      `Cannot keep anything more in "${directory}": the disk is full\n  Make room (boxwright gc), or name another place (BOXWRIGHT_DATA)`,
      options,
    )
  }
}

/** @throws NoRoom before anything is begun. A file system that does not say how large it is, as some in user space, is asked nothing. */
export function requireRoom(directory: string): void {
  if (!hasRoom(directory)) throw new NoRoom(directory)
}

/**
 * LMDB writes what it changes to pages that it does not use, at the end of its file where there are none: those that it will want next are there beforehand, as zeros.
 * Then a change that only takes away needs no room. Within a change, so that nobody else writes; from outside nobody can take them.
 *
 * @param file LMDB's.
 */
export function keepPages(file: number): void {
  const { size } = fstatSync(file)
  const page = Buffer.alloc(PAGE)
  const isFree =
    size > KEPT_BACK && readSync(file, page, 0, PAGE, pageAt(size - KEPT_BACK / 2)) > 0 && page.equals(ZEROS)
  if (!isFree) writeAll(file, Buffer.alloc(KEPT_BACK), pageAt(size))
}

const PAGE = 4096
const pageAt = (offset: number): number => offset - (offset % PAGE)
const ZEROS = Buffer.alloc(PAGE)

function hasRoom(directory: string): boolean {
  const { bavail, blocks, bsize } = statfsSync(directory)
  return blocks === 0 || bavail * bsize >= KEPT_BACK
}

/** ENOSPC, EDQUOT: as Node writes them, and as LMDB does. */
const FULL: unknown[] = ['ENOSPC', 'EDQUOT', 28, 122]

export const isFull = (error: unknown): boolean => FULL.includes((error as { code?: unknown }).code)

/** EIO: what LMDB says when less was written than it gave, be the disk full or broken. */
const SHORT = 5

/** @returns another error as it was. */
export function asNoRoom(error: unknown, directory: string): Error {
  const isShort = (error as { code?: unknown }).code === SHORT && !hasRoom(directory)
  const lacksRoom = (isFull(error) || isShort) && !(error instanceof NoRoom)
  return lacksRoom ? new NoRoom(directory, { cause: error }) : (error as Error)
}
