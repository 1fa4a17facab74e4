/** What a tree has that another has not, as a layer: the same bytes for the same trees, whoever asks and whenever. */
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digestFrom, type Digest } from '../oci/digest.ts'
import { changesInUpper, changesOf, compared, type Change } from './changes.ts'
import { entryOf, written } from './found-entry.ts'
import { HardLinks, type OnTheWay } from './hard-links.ts'
import { isBelow, type Name } from './names.ts'
import { describe, END, type Described } from './tar-write.ts'
import { openDirectory, type Found } from './walk.ts'
import { goneName, opaqueName } from './whiteout.ts'

export interface DiffOptions {
  /** The upper tree is an upper directory of overlay's, which has the changes alone: nothing is compared. */
  overlay?: boolean
  /** No file is younger, in seconds since 1970: what SOURCE_DATE_EPOCH is for. */
  latest?: number
  /** What is there for another reason than to be kept: a file is left out, a directory is only on the way to what is in it. */
  isPassing?: (found: Found) => boolean
}

export interface Diff {
  diffId: Digest
  /** Bytes of the tar archive. */
  size: number
}

// #region diff
/**
 * @param lower none when the layer is the first.
 * @param out is handed the tar archive, and ended.
 * @throws Error when a file changes while it is read.
 */
export async function diffTrees(
  lower: string | undefined,
  upper: string,
  out: Writable,
  options: DiffOptions = {},
): Promise<Diff> {
  const [hash, measure] = [createHash('sha256'), { size: 0 }]
  await pipeline(function* () {
    for (const bytes of layerOf(lasting(changesFrom(lower, upper, options), options), options)) {
      hash.update(bytes)
      measure.size += bytes.length
      yield bytes
    }
  }, out)
  return { diffId: digestFrom(hash, 'sha256'), ...measure }
}

function* changesFrom(lower: string | undefined, upper: string, { overlay }: DiffOptions): Generator<Change> {
  using above = openDirectory(upper)
  if (overlay) {
    yield { is: 'same', found: above.itself() }
    yield* changesInUpper(above)
  } else {
    using below = lower === undefined ? undefined : openDirectory(lower)
    yield compared(below?.itself(), above.itself())
    yield* changesOf(below, above)
  }
}
// #endregion diff

function* lasting(changes: Iterable<Change>, { isPassing = () => false }: DiffOptions): Generator<Change> {
  for (const change of changes) {
    if (change.is !== 'changed' || !isPassing(change.found)) yield change
    else if (change.found.kind === 'directory') yield { is: 'same', found: change.found }
  }
}

// #region layer
/** Before a change comes what is on the way to it: a layer that is unpacked by itself gets its directories as they are. */
function* layerOf(changes: Iterable<Change>, options: DiffOptions): Generator<Buffer> {
  const links = new HardLinks()
  let way: OnTheWay[] = []
  for (const change of changes) {
    const name = 'found' in change ? change.found.name : change.name
    way = way.filter(({ found }) => isBelow(name, found.name))
    if (change.is === 'gone') yield* [...onTheWay(way, options), whiteout(goneName(name))]
    else if (change.is === 'opaque') yield whiteout(opaqueName(name))
    else if (change.is === 'same' && change.found.kind === 'directory')
      way.push({ found: change.found, isWritten: false })
    else
      for (const file of links.written(change.found, [...way], change.is === 'changed')) {
        yield* onTheWay(file.way, options)
        yield* written(file, described(file.found, options), 'a layer')
      }
  }
  yield END
}
// #endregion layer

function* onTheWay(way: readonly OnTheWay[], options: DiffOptions): Generator<Buffer> {
  for (const step of way) {
    if (!step.isWritten) yield describe(described(step.found, options))
    step.isWritten = true
  }
}

/** No younger than is wanted. */
function described(found: Found, { latest = Infinity }: DiffOptions): Described {
  const entry = entryOf(found)
  return entry.mtime.seconds < latest ? entry : { ...entry, mtime: { seconds: latest, nanoseconds: 0 } }
}

const whiteout = (name: Name): Buffer =>
  describe({
    ...{ name, kind: 'file', target: '', mode: 0, uid: 0, gid: 0, size: 0, major: 0, minor: 0 },
    mtime: { seconds: 0, nanoseconds: 0 },
    xattrs: new Map(),
  })
