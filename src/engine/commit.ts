/** What a container has written becomes a layer, and with those that it stood on an image. */
import { PassThrough } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Image } from '../content/images.ts'
import { putJson, putStream } from '../image/blobs.ts'
import { resolveImage, type Resolved } from '../image/find.ts'
import { leased } from '../image/lease.ts'
import { nameOne } from '../image/name.ts'
import type { Stores } from '../image/stores.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { DOCKER_LAYER_GZIP, DOCKER_MANIFEST, OCI_LAYER_GZIP } from '../oci/media-types.ts'
import type { Kept } from './kept.ts'
import { writtenBy } from './written.ts'

export interface CommitWish {
  name?: string
  author?: string
  message?: string
}

// #region commit
/** @throws Error when a file changes while it is read: a container that runs may do that. */
export const commitKept = (stores: Stores, kept: Kept, wish: CommitWish): Promise<Image> =>
  leased(stores.store, async (lease) => {
    const { store } = stores
    const base = resolveImage(store, kept.target)
    const { layer, diffId } = await layerOf(stores, kept, base, lease)
    const config = await putJson(store.content, base.manifest.config.mediaType, configOf(base, diffId, wish), lease)
    const manifest = { ...base.manifest, config, layers: [...base.manifest.layers, layer] }
    const target = await putJson(store.content, manifest.mediaType, manifest, lease)
    return nameOne(store, target, wish.name)
  })

async function layerOf(
  stores: Stores,
  kept: Kept,
  { manifest }: Resolved,
  lease: string,
): Promise<{ layer: Descriptor; diffId: Digest }> {
  const [tar, packed] = [new PassThrough(), createGzip()]
  tar.pipe(packed)
  tar.on('error', (error) => packed.destroy(error))
  const [{ diffId }, blob] = await Promise.all([
    writtenBy(stores, kept, tar),
    putStream(stores.store.content, packed as AsyncIterable<Uint8Array>, lease),
  ])
  const mediaType = manifest.mediaType === DOCKER_MANIFEST ? DOCKER_LAYER_GZIP : OCI_LAYER_GZIP
  return { layer: { mediaType, ...blob }, diffId }
}
// #endregion commit

function configOf({ config }: Resolved, diffId: Digest, { author, message }: CommitWish): Resolved['config'] {
  const created = new Date().toISOString()
  const step = {
    created,
    created_by: 'boxwright commit',
    ...(author && { author }),
    ...(message && { comment: message }),
  }
  return {
    ...config,
    created,
    ...(author && { author }),
    rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, diffId] },
    history: [...(config.history ?? []), step],
  }
}
