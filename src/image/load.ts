/**
 * Images that come as one tar archive: an OCI layout (image-spec image-layout.md), or what `docker save` has written, or both at once. What is in it goes
 * into the store as it comes, since the list of contents may stand last.
 */
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Content } from '../content/content.ts'
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import { decompressed } from '../layer/compression.ts'
import { ByteReader } from '../layer/byte-reader.ts'
import { readTar, type Entry } from '../layer/tar-read.ts'
import { isDigest, type Digest } from '../oci/digest.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { putStream } from './blobs.ts'
import { refuse, type Contents } from './contents.ts'
import { imagesOfDocker } from './docker-archive.ts'
import { imagesOfLayout } from './layout.ts'
import { leased } from './lease.ts'
import { nameImage } from './name.ts'

// #region load
/** @returns the images that were in it. @throws Error of what is no archive of images. */
export const loadArchive = (store: Store, archive: Readable, name?: string): Promise<Image[]> =>
  leased(store, async (lease) => {
    const contents = await unpacked(store, archive, lease)
    const found = contents.documents.has('index.json')
      ? imagesOfLayout(contents)
      : await imagesOfDocker(store, contents, lease)
    return found.flatMap(({ target, names }) => nameImage(store, target, name === undefined ? names : [name]))
  })

async function unpacked({ content }: Store, archive: Readable, lease: string): Promise<Contents> {
  const contents: Contents = { documents: new Map(), blobs: new Map(), links: new Map() }
  for await (const entry of readTar(new ByteReader(decompressed(archive)))) {
    const path = entry.name
    if (entry.kind === 'symlink') contents.links.set(path, join(dirname(path), entry.target))
    if (entry.kind === 'link') contents.links.set(path, join(entry.target))
    if (entry.kind === 'file') await take(content, contents, path, entry, lease)
  }
  return contents
}
// #endregion load

// #region take
async function take(
  content: Content,
  { documents, blobs }: Contents,
  path: string,
  entry: Entry,
  lease: string,
): Promise<void> {
  if (!DOCUMENTS.includes(path)) blobs.set(path, await putStream(content, bytesOf(entry), lease, digestAt(path)))
  else if (entry.size > MOST_BYTES)
    throw refuse(`its "${path}" has ${entry.size} bytes, and ${MOST_BYTES} are the most`)
  else documents.set(path, await buffer(bytesOf(entry)))
}

async function* bytesOf({ content }: Entry): AsyncGenerator<Buffer> {
  for await (const { bytes } of content) yield bytes
}

const DOCUMENTS = ['index.json', 'oci-layout', 'manifest.json', 'repositories']

/** image-layout.md: `blobs/sha256/…`. */
function digestAt(path: string): Digest | undefined {
  const [, algorithm, encoded] = /^blobs\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  const digest = `${algorithm}:${encoded}`
  return isDigest(digest) ? digest : undefined
}
// #endregion take
