/** An image that is got, and unpacked. */
import { resolveImage } from '../../image/find.ts'
import type { Stores } from '../../image/stores.ts'
import { unpackImage } from '../../image/unpack.ts'
import { getImage, type GetOptions } from './get.ts'
import { sayLeftOut } from './left-out.ts'
import type { Ready } from './ready.ts'

// ts-unused-exports:disable-next-line
export async function makeReady(stores: Stores, word: string, wanted: GetOptions): Promise<Ready> {
  const image = await getImage(stores, word, { ...wanted, unpackInto: stores })
  const resolved = resolveImage(stores.store, image.target, wanted.platform)
  const unpacked = await unpackImage(stores, resolved)
  sayLeftOut(stores.leftOut)
  return { resolved, unpacked }
}
