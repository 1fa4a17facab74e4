/**
 * Reads everything that is kept, and says what is so. A fault is what somebody would miss; all else is left over from whoever was interrupted, or what
 * `gc` is there for. What can be put right is, when asked; nothing is thrown away that could not be had again.
 */
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../kernel/error-code.ts'
import type { Digest } from '../oci/digest.ts'
import { lacksOf } from './closure.ts'
import { digestOfFile } from './digest-of-file.ts'
import { garbageIn, type Shelf } from './graph.ts'
import type { BlobRow } from './inside.ts'
import { isOver } from './leases.ts'
import { idleParts, removePart, withoutFile } from './parts.ts'
import { namesIn } from './places.ts'
import { namedBy } from './references.ts'
import type { Store } from './store.ts'

export interface Finding {
  kind: 'blob' | 'metadata' | 'image' | 'reference' | 'lease' | 'part' | 'stranger' | 'unneeded'
  what: string
  fact: string
  /** Somebody would miss it. */
  isFault: boolean
  /** What would put it right, if anything here can. */
  repair?: { how: string; run: () => void }
}

// #region fsck
/** @param onBlob is told of each one before it is read. */
export async function fsck(
  store: Store,
  shelves: readonly Shelf[] = [],
  onBlob?: (digest: Digest) => void,
): Promise<Finding[]> {
  const damaged = await damagedBlobs(store, onBlob)
  return [
    ...damaged.map((digest) => damagedBlob(store, digest)),
    ...metadataWithoutFile(store),
    ...incompleteImages(store, damaged),
    ...danglingLabels(store),
    ...leftParts(store),
    ...overLeases(store),
    ...strangers(store),
    ...(damaged.length > 0 ? [] : unneeded(store, shelves)),
  ]
}
// #endregion fsck

async function damagedBlobs({ content, places }: Store, onBlob?: (digest: Digest) => void): Promise<Digest[]> {
  const damaged: Digest[] = []
  for (const digest of namesIn(places).digests) {
    onBlob?.(digest)
    if (await isDamaged(content.path(digest), digest)) damaged.push(digest)
  }
  return damaged
}

/** A file may be taken away while we look, which is nothing wrong with it. */
async function isDamaged(path: string, digest: Digest): Promise<boolean> {
  try {
    return (await digestOfFile(path, digest)) !== digest
  } catch (error) {
    return !hasCode(error, 'ENOENT')
  }
}

const damagedBlob = ({ content, places, metadata }: Store, digest: Digest): Finding => ({
  kind: 'blob',
  what: digest,
  fact: 'its file has other content than its name says',
  isFault: true,
  repair: {
    how: 'set aside, so that it can be fetched again',
    run: () =>
      metadata.change(
        () => {
          mkdirSync(places.damaged, { recursive: true, mode: 0o700 })
          renameSync(content.path(digest), join(places.damaged, digest.replace(':', '-')))
        },
        { frees: true },
      ),
  },
})

const metadataWithoutFile = (store: Store): Finding[] =>
  withoutFile(store).map((digest) => ({
    kind: 'metadata',
    what: digest,
    fact: 'labels are kept of what is not there',
    isFault: false,
    repair: { how: 'forgotten', run: () => store.metadata.table<BlobRow>('blob').remove(digest) },
  }))

function incompleteImages({ content, images }: Store, damaged: readonly Digest[]): Finding[] {
  const sound = { ...content, info: (digest: Digest) => (damaged.includes(digest) ? undefined : content.info(digest)) }
  return images
    .list()
    .flatMap(({ name, target }) =>
      lacksOf(sound, target).map((fact): Finding => ({ kind: 'image', what: name, fact, isFault: true })),
    )
}

const danglingLabels = ({ content, images }: Store): Finding[] =>
  [...content.walk(), ...images.list()].flatMap((one) =>
    namedBy(one.labels)
      .filter((thing) => thing.startsWith('content/') && !content.info(thing.slice(8) as Digest))
      .map((thing): Finding => ({
        kind: 'reference',
        what: 'digest' in one ? one.digest : one.name,
        fact: `a label of it names ${thing.slice(8)}, which is missing`,
        isFault: true,
      })),
  )

const leftParts = (store: Store): Finding[] =>
  idleParts(store, 0).map((part) => ({
    kind: 'part',
    what: part.ref ?? part.path,
    fact: `${part.size ?? 'no'} bytes had come when its writer ended`,
    isFault: false,
    repair: { how: 'thrown away', run: () => store.metadata.change(() => removePart(store, part), { frees: true }) },
  }))

const overLeases = ({ leases }: Store): Finding[] =>
  leases
    .list()
    .filter((lease) => isOver(lease))
    .map(({ id }) => ({
      kind: 'lease',
      what: id,
      fact: 'it has run out, or whose it was has ended',
      isFault: false,
      repair: { how: 'forgotten', run: () => leases.remove(id) },
    }))

const strangers = ({ places }: Store): Finding[] =>
  namesIn(places).strangers.map((what) => ({ kind: 'stranger', what, fact: 'its name is no digest', isFault: false }))

const unneeded = (store: Store, shelves: readonly Shelf[]): Finding[] =>
  garbageIn(store, shelves).garbage.map((what) => ({
    kind: 'unneeded',
    what,
    fact: 'nothing needs it: boxwright gc',
    isFault: false,
  }))
