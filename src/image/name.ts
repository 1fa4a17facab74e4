/** An image gets its names when all of it is there. */
import { lacksOf } from '../content/closure.ts'
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { fullName, ID, resolveImage } from './find.ts'

// #region name
/** Without a name it is kept under its digest. @throws Error of an image that is not whole. */
export const nameImage = (store: Store, target: Descriptor, names: readonly string[]): Image[] =>
  store.metadata.change(() => {
    const [lack] = lacksOf(store.content, target)
    if (lack !== undefined) throw new Error(`Cannot keep ${target.digest}: ${lack}\n  Get it again`)
    const id = idOf(store, target)
    const all = names.length > 0 ? names.map(fullName) : [target.digest]
    return all.map((name) => store.images.put(name, target, id === undefined ? {} : { [ID]: id }))
  })

/** An image for other machines than this one has none here. */
function idOf(store: Store, target: Descriptor): string | undefined {
  try {
    return resolveImage(store, target).id
  } catch {
    return undefined
  }
}
/** @throws Error of an image that is not whole. */
export function nameOne(store: Store, target: Descriptor, name?: string): Image {
  const [image] = nameImage(store, target, name === undefined ? [] : [name])
  if (image) return image
  throw new TypeError(`Cannot name ${target.digest}`)
}
// #endregion name
