/** Which images are here, as people want to see them. */
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import { findTag, resolveImage, sizeOf } from './find.ts'

export interface Listed {
  name: string
  repository: string
  tag: string
  /** Of its configuration; of its manifest, where none is for this machine. */
  id: string
  digest: string
  created?: string
  /** Of its layers, as they are sent. */
  size: number
}

// #region list
export const listImages = (store: Store): Listed[] =>
  store.images
    .list()
    .map((image) => listed(store, image))
    .sort((one, other) => (other.created ?? '').localeCompare(one.created ?? ''))

function listed(store: Store, { name, target }: Image): Listed {
  const about = { name, ...findTag(name), digest: target.digest }
  try {
    const { id, manifest, config } = resolveImage(store, target)
    return {
      ...about,
      id,
      size: sizeOf({ manifest }),
      ...(config.created !== undefined && { created: config.created }),
    }
  } catch {
    return { ...about, id: target.digest, size: 0 }
  }
}
// #endregion list
