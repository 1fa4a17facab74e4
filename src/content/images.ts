/** Names of images: a name points at a manifest or an index, and is what keeps all that belongs to it. */
import type { Descriptor } from '../oci/descriptor.ts'
import type { Labels } from './labels.ts'
import type { Metadata } from './metadata.ts'

// #region images
export interface Image {
  name: string
  target: Descriptor
  labels: Labels
  createdAt: Date
  updatedAt: Date
}

export interface Images {
  get(name: string): Image | undefined
  /** Another target may have had the name before. */
  put(name: string, target: Descriptor, labels?: Labels): Image
  /** @returns whether there was one. */
  remove(name: string): boolean
  list(): Image[]
}
// #endregion images

interface Row {
  target: Descriptor
  labels: Labels
  createdAt: string
  updatedAt: string
}

export function imagesIn(metadata: Metadata): Images {
  const rows = metadata.table<Row>('image')
  const get = (name: string): Image | undefined => {
    const row = rows.get(name)
    return row && imageOf(name, row)
  }
  return {
    get,
    put: (name, target, labels = {}) =>
      metadata.change(() => {
        const updatedAt = new Date().toISOString()
        const row = { target, labels, createdAt: rows.get(name)?.createdAt ?? updatedAt, updatedAt }
        rows.put(name, row)
        return imageOf(name, row)
      }),
    remove: (name) =>
      metadata.change(
        () => {
          const was = get(name)
          rows.remove(name)
          return was !== undefined
        },
        { frees: true },
      ),
    list: () => rows.all().map(({ key, row }) => imageOf(key, row)),
  }
}

const imageOf = (name: string, { target, labels, createdAt, updatedAt }: Row): Image => ({
  name,
  target,
  labels,
  createdAt: new Date(createdAt),
  updatedAt: new Date(updatedAt),
})
