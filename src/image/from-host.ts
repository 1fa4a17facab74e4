/**
 * Lesson 9. The base image of the first lessons as an image like any other: a layer, a configuration, a manifest. It is made of this machine's own programs,
 * so that there is one without any network; made again of the same programs it is the same image.
 */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { ImageConfig } from '../oci/image-config.ts'
import { PATH } from '../oci/defaults.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../oci/media-types.ts'
import { hostPlatform } from '../oci/platform-name.ts'
import type { Entry } from './base-plan.ts'
import { planOfHost } from './base.ts'
import { putJson, putStream } from './blobs.ts'
import { leased } from './lease.ts'
import { nameOne } from './name.ts'

// #region from-host
export const BASE_NAME = 'boxwright/base:latest'

export const imageOfHost = (store: Store, name = BASE_NAME): Promise<Image> =>
  leased(store, async (lease) => {
    const layer = { mediaType: OCI_LAYER, ...(await putStream(store.content, layerOf(planOfHost().entries), lease)) }
    const config = await putJson(store.content, OCI_CONFIG, configOf(layer), lease)
    const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] }
    const target = await putJson(store.content, OCI_MANIFEST, manifest, lease)
    return nameOne(store, target, name)
  })

export const ensureHostImage = async (store: Store): Promise<Image> =>
  store.images.get(BASE_NAME) ?? (await imageOfHost(store))
// #endregion from-host

// #region config
/** What is not compressed is its own diffID. */
const configOf = ({ digest }: Pick<Descriptor, 'digest'>): ImageConfig => ({
  ...plainly(),
  config: { Env: [PATH], Cmd: ['sh'] },
  rootfs: { type: 'layers', diff_ids: [digest] },
  history: [{ created: EPOCH, created_by: 'boxwright image from-host' }],
})

const EPOCH = '1970-01-01T00:00:00Z'

const plainly = (): Pick<ImageConfig, 'created' | 'architecture' | 'os'> => {
  const { architecture, os } = hostPlatform()
  return { created: EPOCH, architecture, os }
}
// #endregion config

// #region layer
function layerOf(entries: readonly Entry[]): AsyncIterable<Uint8Array> {
  const tar = pack()
  write(tar, entries).catch((error: unknown) => {
    tar.destroy(error as Error)
  })
  return tar as AsyncIterable<Uint8Array>
}

async function write(tar: Pack, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries.filter(({ path }) => path !== '/')) {
    const header = { name: entry.path.slice(1), mode: entry.mode, mtime: new Date(0), uid: 0, gid: 0 }
    if (entry.type === 'directory') tar.entry({ ...header, type: 'directory' })
    else if (entry.type === 'link') tar.entry({ ...header, type: 'symlink', linkname: entry.to })
    else if (entry.type === 'text') tar.entry({ ...header, type: 'file' }, entry.text)
    else await pipeline(createReadStream(entry.of.real), tar.entry({ ...header, type: 'file', size: entry.of.size }))
  }
  tar.finalize()
}
// #endregion layer
