/** Which image somebody means: by its name, as far as it was written, or by the beginning of its id. Names without a host are looked up here first. */
import type { Content } from '../content/content.ts'
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import { chainIds } from '../layer/chain.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { parseImageConfig, type ImageConfig } from '../oci/image-config.ts'
import { hasManifests, parseManifest, stepDown, type Manifest } from '../oci/manifest.ts'
import { formatPlatform, hostPlatform } from '../oci/platform-name.ts'
import { runnable, type Platform } from '../oci/platform.ts'
import { formatReference, parseReference, withTag } from '../oci/reference.ts'

// #region name
/** `alpine` → `alpine:latest`. @throws RangeError of what is no name. */
export const fullName = (word: string): string => formatReference(withTag(parseReference(word)))

/** @param search registries in which a name without a host may have been found: `registry.example/library`. */
export function findImage(
  { images }: Pick<Store, 'images'>,
  word: string,
  search: readonly string[] = [],
): Image | undefined {
  const byId = /^(sha256:)?[0-9a-f]{4,64}$/.test(word) ? withId(images.list(), word) : undefined
  if (byId) return byId
  const name = fullName(word)
  const all = [name, ...search.map((place) => `${place}/${name}`)]
  return all.flatMap((one) => images.get(one) ?? [])[0]
}

/** As a list shows it: what is kept under its digest alone has neither. */
export function findTag(name: string): { repository: string; tag: string } {
  if (name.startsWith('sha256:')) return { repository: '<none>', tag: '<none>' }
  const { host, repository, tag = '<none>' } = parseReference(name)
  return { repository: formatReference({ ...(host !== undefined && { host }), repository }), tag }
}

function withId(all: readonly Image[], word: string): Image | undefined {
  const begun = all.filter(({ labels, target }) =>
    [labels[ID] ?? '', target.digest].some((id) => id.replace('sha256:', '').startsWith(word.replace('sha256:', ''))),
  )
  return new Set(begun.map(({ target }) => target.digest)).size === 1 ? begun[0] : undefined
}

/** Of an image's name: the digest of its configuration for this machine, which people know as its id. */
export const ID = 'boxwright/image.id'
// #endregion name

/** For one platform: what is to be unpacked, and what is to be run. */
export interface Resolved {
  target: Descriptor
  manifest: Manifest
  config: ImageConfig
  id: Digest
}

export interface NamedLayer {
  layer: Descriptor
  /** Of what it unpacks to; and of the tree that it and all below it make. */
  diffId: Digest
  chainId: Digest
}

/** The lowest first. @throws Error of an image that has not as many names as layers. */
export function namedLayers({ target, manifest, config }: Resolved): NamedLayer[] {
  const { layers } = manifest
  const diffIds = config.rootfs.diff_ids
  if (layers.length !== diffIds.length)
    throw new Error(`Cannot unpack ${target.digest}: it has ${layers.length} layers, and names of ${diffIds.length}`)
  const chain = chainIds(diffIds)
  return layers.map((layer, n) => ({ layer, diffId: diffIds[n] as Digest, chainId: chain[n] as Digest }))
}

/** Of all layers, as they are sent. */
export const sizeOf = ({ manifest }: Pick<Resolved, 'manifest'>): number =>
  manifest.layers.reduce((sum, { size }) => sum + size, 0)

/** Where documents are read from: the store, or a layout. */
export interface Documents {
  content: Pick<Content, 'info' | 'bytes'>
}

// #region resolve
/** @throws Error where there is none for the platform. */
export function resolveImage(store: Documents, target: Descriptor, platform: Platform = hostPlatform()): Resolved {
  const found = walk(store, target, platform, [])[0]
  if (found) return found
  throw new Error(
    `Cannot run ${target.digest} on ${formatPlatform(platform)}: there is no manifest for it here\n  Pull it for this platform: boxwright pull --platform ${formatPlatform(platform)} IMAGE`,
  )
}

/** Of an index, the best that is here. */
function walk({ content }: Documents, target: Descriptor, platform: Platform, path: readonly Descriptor[]): Resolved[] {
  if (!content.info(target.digest)) return []
  const document = parseManifest(content.bytes(target.digest, MOST_BYTES), target.mediaType)
  if (!hasManifests(document)) {
    const config = parseImageConfig(content.bytes(document.config.digest, MOST_BYTES))
    return [{ target, manifest: document, config, id: document.config.digest }]
  }
  const deeper = (next: Descriptor): Resolved[] => walk({ content }, next, platform, stepDown(path, target))
  return runnable(document.manifests, platform).flatMap(deeper)
}
// #endregion resolve
