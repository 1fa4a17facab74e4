/** What needs what. A manifest says what it is made of; a label can say more: `boxwright/gc.ref.content.config` of a blob, an image or a snapshot. */
import { firstBytes } from '../kernel/file.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { isDigest } from '../oci/digest.ts'
import { MOST_BYTES, NotADocument } from '../oci/document.ts'
import { childrenOf, parseManifest, type Index, type Manifest } from '../oci/manifest.ts'
import type { BlobInfo, Content } from './content.ts'
import type { Labels } from './labels.ts'
import type { Thing } from './leases.ts'

// #region labels
/** Whatever has this label is kept as if an image were made of it. */
export const ROOT = 'boxwright/gc.root'

const REFERENCE = /^boxwright\/gc\.ref\.(content|snapshot\.([^/.]+))(?:[./].*)?$/

/** `boxwright/gc.ref.content…` is a digest, `boxwright/gc.ref.snapshot.NAME…` a key of that snapshotter's. */
export function namedBy(labels: Labels): Thing[] {
  return Object.entries(labels).flatMap(([label, value]): Thing[] => {
    const [, kind, snapshotter] = REFERENCE.exec(label) ?? []
    if (snapshotter !== undefined) return [`snapshot/${snapshotter}/${value}`]
    return kind === 'content' && isDigest(value) ? [`content/${value}`] : []
  })
}
// #endregion labels

const contentOf = ({ digest }: Descriptor): Thing => `content/${digest}`

// #region manifest
/**
 * Nothing tells a manifest from a layer but its content: whoever holds a digest need not know what it is of. What is no manifest needs nothing else.
 * @throws Damaged where one would have to be believed that is not what its name says.
 */
export function manifestIn(content: Content, { digest, size }: BlobInfo): Manifest | Index | undefined {
  if (size > MOST_BYTES || firstBytes(content.path(digest), 1).toString() !== '{') return undefined
  try {
    return parseManifest(content.bytes(digest, MOST_BYTES))
  } catch (error) {
    if (error instanceof NotADocument) return undefined
    throw error
  }
}

export const partsOf = (document: Manifest | Index): Thing[] => childrenOf(document).map(contentOf)
// #endregion manifest
