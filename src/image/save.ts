/** Images as one tar archive that everybody can read: an OCI layout, and beside it the list that Docker and Podman look for. The same images give the same bytes. */
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import type { Image } from '../content/images.ts'
import type { Content } from '../content/content.ts'
import type { Store } from '../content/store.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { encodedOf, algorithmOf, type Digest } from '../oci/digest.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { writeJson } from '../oci/json.ts'
import { childrenOf, parseManifest } from '../oci/manifest.ts'
import { isIndex, isManifest } from '../oci/media-types.ts'
import { dockerEntry } from './docker-archive.ts'
import { resolveImage } from './find.ts'
import { byTarget, indexOf, type Named } from './layout.ts'

const pathOf = ({ digest }: Pick<Descriptor, 'digest'>): string => `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`

// #region save
export async function saveArchive(store: Store, images: readonly Image[], out: Writable): Promise<void> {
  const tar = pack()
  const written = pipeline(tar, out)
  const filled = fill(tar, store, images).catch((error: unknown) => {
    tar.destroy(error as Error)
  })
  await Promise.all([written, filled])
}

async function fill(tar: Pack, store: Store, images: readonly Image[]): Promise<void> {
  const named = byTarget(images.map(namesOf))
  const blobs = new Map<Digest, Descriptor>()
  for (const { target } of named) gather(store.content, target, blobs)
  for (const blob of blobs.values()) await copy(tar, store.content, blob)
  const entries = named.map(({ target, names }) => dockerEntry(resolveImage(store, target), names, pathOf))
  for (const [name, value] of [
    ['index.json', indexOf(named)],
    ['manifest.json', entries],
    ['oci-layout', { imageLayoutVersion: '1.0.0' }],
  ] as const)
    tar.entry({ name, mtime: new Date(0), mode: 0o644 }, writeJson(value))
  tar.finalize()
}
// #endregion save

/** What is kept under its digest alone has no name. */
const namesOf = ({ name, target }: Image): Named => ({ target, names: name === target.digest ? [] : [name] })

/** Of an index, the manifests that are here. */
function gather(content: Content, descriptor: Descriptor, blobs: Map<Digest, Descriptor>): void {
  const { digest, mediaType } = descriptor
  if (blobs.has(digest) || !content.info(digest)) return
  blobs.set(digest, descriptor)
  if (!isManifest(mediaType) && !isIndex(mediaType)) return
  for (const child of childrenOf(parseManifest(content.bytes(digest, MOST_BYTES), mediaType)))
    gather(content, child, blobs)
}

/** A blob that its writer has damaged would be a damaged archive: the reader at the other end sees to that. */
async function copy(tar: Pack, content: Content, blob: Descriptor): Promise<void> {
  const entry = tar.entry({ name: pathOf(blob), size: blob.size, mtime: new Date(0), mode: 0o644 })
  await pipeline(content.read(blob.digest), entry)
}
