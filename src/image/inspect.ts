/** All that is known of an image, under the names that Docker gives it. */
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import { resolveImage, sizeOf } from './find.ts'

// #region inspect
export function inspectImage(store: Store, { name, target }: Image): object {
  const { id, manifest, config } = resolveImage(store, target)
  const names = store.images.list().filter((other) => other.target.digest === target.digest)
  return {
    Id: id,
    RepoTags: names.map((other) => other.name),
    Descriptor: target,
    Name: name,
    Created: config.created,
    Author: config.author,
    Architecture: config.architecture,
    Variant: config.variant,
    Os: config.os,
    Size: sizeOf({ manifest }),
    Config: config.config ?? {},
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Manifest: manifest,
  }
}
// #endregion inspect
