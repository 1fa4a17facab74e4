/** An image of which a container can be made at once: it is here, and has been unpacked before. */
import { resolveImage, type Resolved } from '../../image/find.ts'
import type { Stores } from '../../image/stores.ts'
import { unpackedBefore, type Unpacked } from '../../image/unpacked.ts'
import type { GetOptions } from './get.ts'
import { imageHere } from './here.ts'

export interface Ready {
  resolved: Resolved
  unpacked: Unpacked
}

export function readyBefore(stores: Stores, word: string, { pull, platform }: GetOptions): Ready | undefined {
  const image = pull === 'always' ? undefined : imageHere(stores, word)
  if (!image) return undefined
  const resolved = resolveImage(stores.store, image.target, platform)
  const unpacked = unpackedBefore(stores.snapshots, resolved)
  return unpacked && { resolved, unpacked }
}
