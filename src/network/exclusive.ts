/** One at a time. The lock is the directory itself, so that nothing has to stay of it. */
import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { removeEmpty } from '../kernel/file.ts'
import { flock } from '../kernel/libc.ts'

const held: number[] = []

/** For whom we start meanwhile: when we are killed, the lock is theirs until they have ended. */
export const heldLocks = (): readonly number[] => held

// #region exclusively
/** For as long as `work` goes on no other process does anything in that directory. An empty one is gone afterwards. flock(2) */
export function exclusively<T>(directory: string, work: () => T): T {
  const fd = enter(directory)
  held.push(fd)
  try {
    return work()
  } finally {
    held.pop()
    removeEmpty(directory)
    closeSync(fd)
  }
}

/** Who has waited may find that the directory which was waited for has gone meanwhile, and that there is another. */
function enter(directory: string): number {
  for (;;) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const fd = openSync(directory, 'r')
    flock(fd)
    if (statSync(directory, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) return fd
    closeSync(fd)
  }
}
// #endregion exclusively
