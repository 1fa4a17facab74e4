/** What has been found in a tree, as an entry of a tar archive. */
import { closeSync, fstatSync, readSync } from 'node:fs'
import type { Written } from './hard-links.ts'
import { show } from './names.ts'
import { describe, padding, type Described } from './tar-write.ts'
import type { Found } from './walk.ts'
import { isOverlays } from './whiteout.ts'

// #region entry
/** Nothing of overlay's: what unpacks it has ways of its own to say the same. */
export const entryOf = ({ name, kind, stats, target, xattrs, mtime }: Found): Described => ({
  ...{ name, kind, target, mtime },
  mode: Number(stats.mode & 0o7777n),
  uid: Number(stats.uid),
  gid: Number(stats.gid),
  ...deviceOf(stats.rdev),
  xattrs: new Map([...xattrs].filter(([xattr]) => !isOverlays(xattr))),
  size: kind === 'file' ? Number(stats.size) : 0,
})
// #endregion entry

/** All of it; or, of a file that the archive has by another name, that it is a link to that. @param whole in words, what it becomes a part of. */
export function* written({ found, target }: Pick<Written, 'found' | 'target'>, entry: Described, whole: string) {
  if (target !== undefined) yield describe({ ...entry, kind: 'link', target, size: 0, xattrs: new Map() })
  else {
    yield describe(entry)
    if (found.kind === 'file') yield* contentOf(found, whole)
  }
}

/** makedev(3): 12 bits and 20, the lower part of each in the middle. */
const deviceOf = (rdev: bigint): { major: number; minor: number } => ({
  major: Number((rdev >> 8n) & 0xfffn),
  minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xfff00n)),
})

const CHUNK = 256 << 10

/** @throws Error when it is not as long, or not the file, that it was. */
function* contentOf(found: Found, whole: string): Generator<Buffer> {
  const { name, stats } = found
  const changed = (): Error =>
    new Error(`Cannot write ${show(name)} to ${whole}: it has changed while it was read
  Stop what uses it, and try again`)
  const fd = found.read()
  try {
    if (fstatSync(fd, { bigint: true }).ino !== stats.ino) throw changed()
    for (let left = Number(stats.size); left > 0;) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, left))
      const length = readSync(fd, chunk)
      if (length === 0) throw changed()
      left -= length
      yield chunk.subarray(0, length)
    }
    yield padding(Number(stats.size))
  } finally {
    closeSync(fd)
  }
}
