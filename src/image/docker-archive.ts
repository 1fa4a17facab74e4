/** What `docker save` wrote before it had heard of layouts: `manifest.json` lists images, each a configuration and layers, by their paths. */
import type { Store } from '../content/store.ts'
import { firstBytes } from '../kernel/file.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { fields, readDocument } from '../oci/document.ts'
import {
  DOCKER_CONFIG,
  DOCKER_LAYER,
  DOCKER_LAYER_GZIP,
  DOCKER_LAYER_ZSTD,
  DOCKER_MANIFEST,
} from '../oci/media-types.ts'
import { list, text } from '../oci/rule.ts'
import type { Resolved } from './find.ts'
import { putJson } from './blobs.ts'
import type { Named } from './layout.ts'
import { blobAt, refuse, type Contents } from './contents.ts'

interface Entry {
  Config: string
  RepoTags?: string[]
  Layers: string[]
}

/** RFC 1952, RFC 8878. */
const MAGIC = [
  ['1f8b', DOCKER_LAYER_GZIP],
  ['28b52ffd', DOCKER_LAYER_ZSTD],
] as const

// #region docker
export async function imagesOfDocker(store: Store, contents: Contents, lease: string): Promise<Named[]> {
  const all: Named[] = []
  for (const entry of entriesOf(contents)) {
    const config = { mediaType: DOCKER_CONFIG, ...blobAt(contents, entry.Config) }
    const layers = entry.Layers.map((path) => layerOf(store, blobAt(contents, path)))
    const manifest = { schemaVersion: 2, mediaType: DOCKER_MANIFEST, config, layers }
    const target = await putJson(store.content, DOCKER_MANIFEST, manifest, lease)
    all.push({ target, names: entry.RepoTags ?? [] })
  }
  return all
}

const layerOf = ({ content }: Store, blob: Pick<Descriptor, 'digest' | 'size'>): Descriptor => ({
  mediaType: typeOf(content.path(blob.digest)),
  ...blob,
})
// #endregion docker

const RULE = fields({ Config: text(), RepoTags: list(text()), Layers: list(text()) }, ['Config', 'Layers'])

/** The document is a list, and documents of images are objects: it is read as part of one. */
function entriesOf({ documents }: Contents): Entry[] {
  const bytes = documents.get('manifest.json')
  if (!bytes) throw refuse('it has neither an index.json nor a manifest.json')
  const inside = Buffer.concat([Buffer.from('{"images":'), bytes, Buffer.from('}')])
  return (readDocument('manifest.json', inside, fields({ images: list(RULE) }, ['images'])) as { images: Entry[] })
    .images
}

function typeOf(path: string): string {
  const start = firstBytes(path, 8).toString('hex')
  return MAGIC.find(([magic]) => start.startsWith(magic))?.[1] ?? DOCKER_LAYER
}

/** The other way: the same blobs, under names that tell both. */
export const dockerEntry = (
  { manifest }: Resolved,
  names: readonly string[],
  pathOf: (one: Descriptor) => string,
): Entry => ({
  Config: pathOf(manifest.config),
  RepoTags: [...names],
  Layers: manifest.layers.map(pathOf),
})
