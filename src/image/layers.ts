/** What each layer of an image adds, what of those below it hides, and who has it as well: read off the layers themselves. */
import type { Store } from '../content/store.ts'
import { ByteReader } from '../layer/byte-reader.ts'
import { decompressed } from '../layer/compression.ts'
import { isBelow, type Name } from '../layer/names.ts'
import { readTar, type Entry } from '../layer/tar-read.ts'
import { whiteoutOf } from '../layer/whiteout.ts'
import type { Digest } from '../oci/digest.ts'
import { resolveImage, type Resolved } from './find.ts'
import { historyOf } from './history.ts'

export interface LayerFacts {
  digest: Digest
  /** Who made it, where that is known. */
  by: string
  /** As it is sent. */
  size: number
  /** Files that were not there, and bytes of all that it brings. */
  adds: number
  bytes: number
  /** Files of layers below that nobody sees any more, for another is there instead or none; and their bytes, which are sent all the same. */
  hides: number
  hidden: number
  /** Names of other images that have it. */
  shared: string[]
}

// #region layers
/** The lowest first. */
export async function layersOf(store: Store, image: Resolved): Promise<LayerFacts[]> {
  const seen = new Map<string, number>()
  const made = new Map(historyOf(image).map(({ layer, by }) => [layer?.digest, by]))
  const all: LayerFacts[] = []
  for (const { digest, size } of image.manifest.layers) {
    const facts: LayerFacts = {
      digest,
      by: made.get(digest) ?? '',
      size,
      ...{ adds: 0, bytes: 0, hides: 0, hidden: 0 },
      shared: sharing(store, image, digest),
    }
    for await (const entry of readTar(new ByteReader(decompressed(store.content.read(digest)))))
      count(facts, seen, entry)
    all.push(facts)
  }
  return all
}

const sharing = (store: Store, image: Resolved, digest: Digest): string[] =>
  store.images
    .list()
    .filter(({ target }) => target.digest !== image.target.digest && has(store, target, digest))
    .map(({ name }) => name)

function has(store: Store, target: Resolved['target'], digest: Digest): boolean {
  try {
    return resolveImage(store, target).manifest.layers.some((layer) => layer.digest === digest)
  } catch {
    return false
  }
}
// #endregion layers

/** All paths of an image, as its layers have them: what is hidden in the end is not among them. */
export async function filesOf({ content }: Pick<Store, 'content'>, { manifest }: Resolved): Promise<Set<string>> {
  const seen = new Set<string>()
  for (const { digest } of manifest.layers)
    for await (const { name } of readTar(new ByteReader(decompressed(content.read(digest))))) {
      const isHidden = hiddenBy(name)
      if (isHidden) for (const path of [...seen].filter(isHidden)) seen.delete(path)
      else seen.add(name)
    }
  return seen
}

/** @returns which paths nobody sees any more because of this entry; none when it says nothing of others. */
function hiddenBy(name: Name): ((path: Name) => boolean) | undefined {
  const whiteout = whiteoutOf(name)
  if (whiteout.is === 'none') return undefined
  if (whiteout.is === 'meta') return () => false
  return (path) => isBelow(path, whiteout.name) || (whiteout.is === 'gone' && path === whiteout.name)
}

// #region count
function count(facts: LayerFacts, seen: Map<string, number>, { name, kind, size }: Entry): void {
  const isHidden = hiddenBy(name)
  if (isHidden) hide(facts, seen, isHidden)
  else if (kind !== 'directory') {
    if (seen.has(name)) hide(facts, seen, (path) => path === name)
    else facts.adds += 1
    facts.bytes += size
    seen.set(name, size)
  }
}

function hide(facts: LayerFacts, seen: Map<string, number>, isHidden: (path: string) => boolean): void {
  for (const [path, size] of seen)
    if (isHidden(path)) {
      facts.hides += 1
      facts.hidden += size
      seen.delete(path)
    }
}
// #endregion count
