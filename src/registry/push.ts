/** A whole image goes to a registry: what something needs goes before it, so that nobody finds half of it. */
import type { Content } from '../content/content.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { childrenOf, hasManifests, parseManifest, stepDown } from '../oci/manifest.ts'
import { isForeignLayer } from '../oci/media-types.ts'
import type { Repository } from './client.ts'
import { RegistryError } from './http/error.ts'
import { headManifest, putManifest, type Resolved } from './manifests.ts'
import { eachOf } from './pool.ts'
import { pushBlob } from './push-blob.ts'
import { addReferrer } from './referrers.ts'

export interface PushOptions {
  /** Without one it can be had by its digest alone. */
  tag?: string | undefined
  /** Of the same registry, a repository that may have a blob: it need not go there a second time. */
  mountFrom?: (digest: Digest) => string | undefined
  /** Bytes of a piece; what is larger goes in several. */
  piece?: number
}

// #region push
/** @throws RegistryError, NotADocument; and of what is not in the store. */
export async function push(
  repository: Repository,
  target: Descriptor,
  content: Content,
  options: PushOptions = {},
): Promise<void> {
  const { tag = target.digest } = options
  await pushTree({ repository, content, options }, target, { name: tag, path: [] })
}

interface Work {
  repository: Repository
  content: Content
  options: PushOptions
}

async function pushTree(
  work: Work,
  descriptor: Descriptor,
  { name, path }: { name: string; path: Descriptor[] },
): Promise<void> {
  const { repository, content } = work
  const bytes = content.bytes(descriptor.digest, MOST_BYTES)
  const document = parseManifest(bytes, descriptor.mediaType)
  if (hasManifests(document))
    for (const child of document.manifests) await pushChild(work, child, [...path, descriptor])
  else await pushBlobs(work, childrenOf(document))
  const { hasReferrers } = await putManifest(repository, name, { bytes, document })
  const pushed: Resolved = { descriptor, bytes, document }
  if (document.subject && !hasReferrers) await addReferrer(repository, document.subject.digest, pushed)
}
// #endregion push

/** Of an index that was pulled for one platform, the others are not here; whether they are there is what counts. */
async function pushChild(work: Work, child: Descriptor, path: Descriptor[]): Promise<void> {
  stepDown(path, child)
  if (work.content.info(child.digest)) return pushTree(work, child, { name: child.digest, path })
  if (await headManifest(work.repository, child.digest)) return
  throw new RegistryError(
    `Cannot push "${work.repository.title}": its index has ${child.digest}, which is neither here nor there\n  Pull all platforms first, or push the manifest of one`,
  )
}

async function pushBlobs({ repository, content, options }: Work, blobs: readonly Descriptor[]): Promise<void> {
  const { onEvent, parallel } = repository.client
  const once = new Map(blobs.map((blob) => [blob.digest, blob]))
  await eachOf([...once.values()], parallel, async (descriptor, signal) => {
    const { digest, size, mediaType } = descriptor
    const from = options.mountFrom?.(digest)
    const { piece } = options
    const how = isForeignLayer(mediaType)
      ? 'foreign'
      : await pushBlob({ repository: repository.until(signal), content, descriptor, from, ...(piece && { piece }) })
    onEvent({ kind: 'done', digest, size, how })
  })
}
