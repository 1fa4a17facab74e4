/** A whole image comes into the store: its index if it has one, the manifest for a platform, the configuration, the layers, several at once. */
import { putBytes } from '../content/put.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { childrenOf, hasManifests, stepDown, type Index, type Manifest } from '../oci/manifest.ts'
import { formatPlatform } from '../oci/platform-name.ts'
import { runnable, type Platform } from '../oci/platform.ts'
import type { Repository } from './client.ts'
import { RegistryError } from './http/error.ts'
import { fetchBlob, isThere, refOf, type Destination } from './fetch-blob.ts'
import { getManifest, type Resolved } from './manifests.ts'
import { eachOf } from './pool.ts'

export interface PullOptions extends Destination {
  /** Of an index, the manifest for this one; or all that there are. */
  platform: Platform | 'all'
  follower?: Follower | undefined
}

/** Goes on with what has come while the rest is on its way. */
export interface Follower {
  /** The manifest for one platform. It is in the store when all that it needs is. */
  found: (target: Descriptor, manifest: Manifest) => void
  arrived: (digest: Digest) => void
}

// #region pull
/**
 * @param which a tag or a digest.
 * @returns what the name stands for, when everything that it needs is there. @throws RegistryError, NotADocument
 */
export async function pull(repository: Repository, which: string, options: PullOptions): Promise<Descriptor> {
  const { onEvent, parallel } = repository.client
  const root = await getManifest(repository, which)
  onEvent({ kind: 'resolved', name: repository.title, target: root.descriptor })
  const manifests = await manifestsBelow(repository, root, options)
  const blobs = new Map(manifests.flatMap(blobsOf).map((blob) => [blob.digest, blob]))
  announce(manifests, options)
  await eachOf([...blobs.values()], parallel, async (blob, signal) => {
    await fetchBlob(repository.until(signal), blob, options)
    options.follower?.arrived(blob.digest)
  })
  for (const manifest of manifests.toReversed()) await keep(manifest, options)
  return root.descriptor
}
// #endregion pull

function announce(manifests: readonly Resolved[], { platform, follower }: PullOptions): void {
  const leaf = manifests.at(-1)
  if (platform !== 'all' && leaf && !hasManifests(leaf.document)) follower?.found(leaf.descriptor, leaf.document)
}

const blobsOf = ({ document }: Resolved): Descriptor[] => (hasManifests(document) ? [] : childrenOf(document))

// #region walk
/** @returns the root first. What is in two places of a tree is read once, however often it is named. */
async function manifestsBelow(repository: Repository, root: Resolved, { platform }: PullOptions): Promise<Resolved[]> {
  const found = new Map<Digest, Resolved>()
  const walk = async (manifest: Resolved, path: readonly Descriptor[]): Promise<void> => {
    found.set(manifest.descriptor.digest, manifest)
    if (!hasManifests(manifest.document)) return
    const deeper = [...path, manifest.descriptor]
    for (const child of chosen(manifest.document, platform, repository)) {
      stepDown(deeper, child)
      if (!found.has(child.digest)) await walk(await getManifest(repository, child), deeper)
    }
  }
  await walk(root, [])
  return [...found.values()]
}

function chosen({ manifests }: Index, platform: Platform | 'all', { title }: Repository): Descriptor[] {
  if (platform === 'all') return manifests
  const [best] = runnable(manifests, platform)
  if (best) return [best]
  const offered = manifests.map(({ platform: one }) => (one ? formatPlatform(one) : 'something')).join(', ')
  throw new RegistryError(
    `Cannot pull "${title}" for ${formatPlatform(platform)}: there is ${offered || 'nothing in it'}`,
  )
}
// #endregion walk

/** After all that it needs: who finds a manifest finds its layers. */
async function keep({ descriptor, bytes }: Resolved, into: Destination): Promise<void> {
  const { digest } = descriptor
  if (!isThere(digest, into)) await putBytes(into.content, refOf(digest), { digest, bytes, lease: into.lease })
}
