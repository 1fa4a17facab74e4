/** Is all of an image there? An index names an image for each platform, of which most are never fetched: of those that are, all has to be there. */
import type { Descriptor } from '../oci/descriptor.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { childrenOf, hasManifests, parseManifest, stepDown } from '../oci/manifest.ts'
import { isForeignLayer, isIndex, isManifest } from '../oci/media-types.ts'
import type { Content } from './content.ts'

// #region lacks
/** @returns what is wrong with what a descriptor points at, in words; nothing when all of it is there. */
export function lacksOf(content: Content, descriptor: Descriptor, path: readonly Descriptor[] = []): string[] {
  const { digest, mediaType, size } = descriptor
  const info = content.info(digest)
  if (!info) return [`${digest} is missing: ${mediaType}`]
  if (info.size !== size) return [`${digest} has ${info.size} bytes, and ${size} are said`]
  if (!isManifest(mediaType) && !isIndex(mediaType)) return []
  try {
    const document = parseManifest(content.bytes(digest, MOST_BYTES), mediaType)
    const below = stepDown(path, descriptor)
    const children = childrenOf(document).filter((child) => isExpected(content, child, hasManifests(document)))
    if (hasManifests(document) && document.manifests.length > 0 && children.length === 0)
      return [`${digest} is an index of which no manifest is there`]
    return children.flatMap((child) => lacksOf(content, child, below))
  } catch (error) {
    return [`${digest} cannot be read: ${(error as Error).message}`]
  }
}
// #endregion lacks

const isExpected = (content: Content, child: Descriptor, isOneOfMany: boolean): boolean =>
  content.info(child.digest) !== undefined || (!isOneOfMany && !isForeignLayer(child.mediaType))
