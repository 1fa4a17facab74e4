/**
 * An image is a manifest: a configuration and layers. An index is a list of manifests, one for each platform. Docker's schema 2 has the same two under
 * other names. A document that could be taken for both is taken for neither (CVE-2021-41190).
 */
import { annotations, descriptor, mediaType as type, type Descriptor } from './descriptor.ts'
import { fields, NotADocument, readDocument } from './document.ts'
import { DOCKER_LIST, DOCKER_MANIFEST, isIndex, isManifest, OCI_INDEX, OCI_MANIFEST } from './media-types.ts'
import { integer, list, NotAConfig, type Fields } from './rule.ts'

// #region manifest
/** image-spec manifest.md. */
export interface Manifest {
  schemaVersion: 2
  mediaType: string
  config: Descriptor
  layers: Descriptor[]
  artifactType?: string
  /** What this manifest says something about: a signature's is the image that was signed. */
  subject?: Descriptor
  annotations?: Record<string, string>
}

/** image-spec image-index.md. */
export interface Index {
  schemaVersion: 2
  mediaType: string
  manifests: Descriptor[]
  artifactType?: string
  subject?: Descriptor
  annotations?: Record<string, string>
}
// #endregion manifest

// #region parse
/**
 * @param mediaType what a descriptor, or a registry, has said that it is.
 * @returns the document, which has a media type even where it was written without. @throws NotADocument
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): Manifest | Index {
  const what = mediaType && isIndex(mediaType) ? 'index' : 'manifest'
  return readDocument(what, bytes, (value) => {
    const document = common(value, '') as Fields
    const kind = kindOf(document, mediaType)
    return { ...((isIndex(kind) ? index(document, '') : manifest(document, '')) as Fields), mediaType: kind }
  }) as Manifest | Index
}

export const hasManifests = (document: Manifest | Index): document is Index => 'manifests' in document

/** @throws NotADocument of an index. */
export function parseImageManifest(bytes: Uint8Array, mediaType?: string): Manifest {
  const document = parseManifest(bytes, mediaType)
  if (!hasManifests(document)) return document
  throw new NotADocument('manifest', 'manifests', 'it is an index: a list of manifests')
}
// #endregion parse

const RULES = { schemaVersion: integer(2, 2), mediaType: type, artifactType: type, subject: descriptor, annotations }

/** Both kinds' names, so that a `Layers` is seen in an index as well. */
const common = fields({ ...RULES, config: asItIs, layers: asItIs, manifests: asItIs, fsLayers: asItIs }, [
  'schemaVersion',
])

const manifest = fields({ config: descriptor, layers: list(descriptor) }, ['config', 'layers'])

const index = fields({ manifests: list(descriptor) }, ['manifests'])

function asItIs(value: unknown): unknown {
  return value
}

/** What it says of itself, what was said of it, and what it has must all be one kind. */
function kindOf(document: Fields, said: string | undefined): string {
  const own = document['mediaType'] as string | undefined
  if (own !== undefined && said !== undefined && own !== said)
    throw new NotAConfig('mediaType', `is ${JSON.stringify(own)}, and it was said to be ${JSON.stringify(said)}`)
  const kind = own ?? said ?? ('manifests' in document ? OCI_INDEX : OCI_MANIFEST)
  if (!isIndex(kind) && !isManifest(kind))
    throw new NotAConfig('mediaType', `is ${JSON.stringify(kind)}: none of ${KINDS.join(', ')}`)
  const strange = (isIndex(kind) ? ['layers', 'config', 'fsLayers'] : ['manifests', 'fsLayers']).find(
    (name) => name in document,
  )
  if (strange !== undefined)
    throw new NotAConfig(strange, `has no place in what is ${isIndex(kind) ? 'an index' : 'a manifest'}: ${kind}`)
  return kind
}

const KINDS = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST]

/** @returns what a manifest or an index is made of: an image is whole when all of this is there. Its subject is not: it may stand alone. */
export const childrenOf = (document: Manifest | Index): Descriptor[] =>
  hasManifests(document) ? document.manifests : [document.config, ...document.layers]

// #region depth
/** Nobody nests indexes deeper; whoever walks a tree asks before each step down. */
export const DEEPEST_INDEX = 8

/** @param path from the root down to, not including, what is next. @throws NotADocument where it would never end. */
export function stepDown(path: readonly Descriptor[], next: Descriptor): Descriptor[] {
  if (path.some(({ digest }) => digest === next.digest))
    throw new NotADocument('index', '', `${next.digest} is inside itself`)
  if (path.length >= DEEPEST_INDEX)
    throw new NotADocument('index', '', `there is an index in an index, and so on, more than ${DEEPEST_INDEX} deep`)
  return [...path, next]
}
// #endregion depth
