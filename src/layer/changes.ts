/** What has changed from one tree to another, in the order in which a layer says it: a directory, then what is in it. */
import { closeSync, readSync } from 'node:fs'
import { isOverlays, isWhiteoutName, OPAQUE_XATTRS, REDIRECT_XATTRS } from './whiteout.ts'
import { childOf, show, type Name } from './names.ts'
import type { Directory, Found } from './walk.ts'

export type Change =
  /** The same in both: said too, since a layer brings what is on the way to a change. */
  | { is: 'same'; found: Found }
  | { is: 'changed'; found: Found }
  | { is: 'gone'; name: Name }
  /** Nothing of what was in it before. */
  | { is: 'opaque'; name: Name }

// #region changes
/** @throws Error for a name that a layer has another use for. */
export function* changesOf(lower: Directory | undefined, upper: Directory): Generator<Change, void, undefined> {
  for (const base of union(lower?.bases ?? [], upper.bases)) {
    const [before, after] = [lower?.look(base), upper.look(base)]
    if (after) {
      expectName(after.name, base)
      yield compared(before, after)
      if (after.kind === 'directory') yield* changesIn(before, after)
    } else if (before) yield { is: 'gone', name: before.name }
  }
}
// #endregion changes

export const compared = (before: Found | undefined, after: Found): Change => ({
  is: before && isSame(before, after) ? 'same' : 'changed',
  found: after,
})

function* changesIn(before: Found | undefined, after: Found): Generator<Change, void, undefined> {
  using upper = after.open()
  using lower = before?.kind === 'directory' ? before.open() : undefined
  yield* changesOf(lower, upper)
}

// #region upper
/** All that is in an upper directory of overlay's is a change, in overlay's own words. */
export function* changesInUpper(upper: Directory): Generator<Change, void, undefined> {
  for (const base of upper.bases) {
    const found = upper.look(base)
    if (!found) continue
    expectName(found.name, base)
    if (found.kind === 'character' && found.stats.rdev === 0n) yield { is: 'gone', name: childOf(upper.name, base) }
    else {
      expectWhole(found)
      yield { is: 'changed', found }
      if (OPAQUE_XATTRS.some((name) => found.xattrs.get(name)?.toString() === 'y'))
        yield { is: 'opaque', name: found.name }
      if (found.kind === 'directory') {
        using below = found.open()
        yield* changesInUpper(below)
      }
    }
  }
}
// #endregion upper

/** Both are in the order of their bytes, and so is what comes of it. */
const union = (some: readonly string[], others: readonly string[]): string[] =>
  [...new Set([...some, ...others])].sort()

function expectName(name: Name, base: string): void {
  if (isWhiteoutName(base))
    throw new Error(`Cannot write ${show(name)} to a layer: a name that begins so says there that something is gone`)
}

/** Overlay can leave a file's content, or a directory's, in a lower tree under another name. */
function expectWhole({ name, xattrs }: Found): void {
  if (REDIRECT_XATTRS.some((xattr) => xattrs.has(xattr)))
    throw new Error(
      `Cannot read ${show(name)} from overlay’s upper directory alone: part of it is in a lower one\n  Compare the whole trees`,
    )
}

// #region same
/** A file that has been written to has another time, unless somebody has set it: one without nanoseconds is not believed. */
function isSame(before: Found, after: Found): boolean {
  const [one, other] = [before.stats, after.stats]
  if (one.dev === other.dev && one.ino === other.ino) return true
  return (
    one.mode === other.mode &&
    one.uid === other.uid &&
    one.gid === other.gid &&
    one.rdev === other.rdev &&
    one.mtimeNs === other.mtimeNs &&
    before.target === after.target &&
    sameXattrs(before, after) &&
    (after.kind !== 'file' || (one.size === other.size && (after.mtime.nanoseconds > 0 || sameContent(before, after))))
  )
}
// #endregion same

function sameXattrs({ xattrs: before }: Found, { xattrs: after }: Found): boolean {
  const own = [...after].filter(([name]) => !isOverlays(name))
  const count = [...before.keys()].filter((name) => !isOverlays(name)).length
  return own.length === count && own.every(([name, value]) => before.get(name)?.equals(value) === true)
}

const CHUNK = 256 << 10

function sameContent(before: Found, after: Found): boolean {
  const descriptors = [before.read(), after.read()] as const
  const [one, other] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)]
  try {
    for (;;) {
      const [length, otherLength] = [readSync(descriptors[0], one), readSync(descriptors[1], other)]
      if (length !== otherLength || one.compare(other, 0, length, 0, length) !== 0) return false
      if (length === 0) return true
    }
  } finally {
    for (const fd of descriptors) closeSync(fd)
  }
}
