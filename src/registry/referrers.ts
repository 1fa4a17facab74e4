/**
 * What says something about an image, as its `subject`: signatures, lists of what is in it. Registries of version 1.1 keep the list; for others whoever
 * pushes keeps it, as an index under a tag that is named for the digest. distribution-spec, "Listing Referrers", "Referrers Tag Schema".
 */
import type { Descriptor } from '../oci/descriptor.ts'
import { algorithmOf, encodedOf, type Digest } from '../oci/digest.ts'
import { hasManifests, parseManifest, type Index } from '../oci/manifest.ts'
import { OCI_INDEX } from '../oci/media-types.ts'
import { MOST_OF_JSON, readBody } from './http/body.ts'
import type { Repository } from './client.ts'
import { RegistryError } from './http/error.ts'
import { allPages, nextLink } from './link.ts'
import { getManifest, manifestsOf, putManifest, type Resolved } from './manifests.ts'

// #region list
/** @param artifactType leaves out all others. @throws RegistryError */
export async function listReferrers(
  repository: Repository,
  subject: Digest,
  artifactType?: string,
): Promise<Descriptor[]> {
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
  const all =
    (await fromApi(repository, `referrers/${subject}${query}`)) ?? (await fromTag(repository, subject)).manifests
  return all.filter((one) => artifactType === undefined || one.artifactType === artifactType)
}

/** @returns nothing of a registry that does not know the question. */
async function fromApi(repository: Repository, path: string): Promise<Descriptor[] | undefined> {
  const doing = `list the referrers in "${repository.title}"`
  const pages = await allPages((location) =>
    repository.read({ method: 'GET', path, location, hopes: [200, 404], doing }, async (answer) => {
      const bytes = await readBody(answer, MOST_OF_JSON)
      if (answer.status === 404) return { items: [], next: undefined }
      const index = parseManifest(bytes, OCI_INDEX)
      return { items: [manifestsOf(index)], next: nextLink(answer.headers['link'], answer.url) }
    }),
  )
  return pages.length === 0 ? undefined : pages.flat()
}
// #endregion list

export const keepsReferrers = async (repository: Repository, subject: Digest): Promise<boolean> =>
  (await fromApi(repository, `referrers/${subject}`)) !== undefined

const NONE: Index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }

/** What can be no tag becomes one: a digest is `sha256:…`. */
const referrersTag = (digest: Digest): string => `${algorithmOf(digest)}-${encodedOf(digest).slice(0, 64)}`

async function fromTag(repository: Repository, subject: Digest): Promise<Index> {
  try {
    const { document } = await getManifest(repository, referrersTag(subject))
    if (hasManifests(document)) return document
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) return NONE
    throw error
  }
  throw new RegistryError(
    `Cannot list the referrers in "${repository.title}": its tag ${referrersTag(subject)} is no index`,
  )
}

// #region add
/** For a registry that keeps no list: the pushed manifest is added to the one under the tag. Two who do this at once may lose one. */
export async function addReferrer(repository: Repository, subject: Digest, pushed: Resolved): Promise<void> {
  const index = await fromTag(repository, subject)
  if (index.manifests.some(({ digest }) => digest === pushed.descriptor.digest)) return
  await put(repository, subject, [...index.manifests, referrerOf(pushed)])
}

/** The way back, when it has been deleted. */
export async function removeReferrer(repository: Repository, subject: Digest, deleted: Digest): Promise<void> {
  const index = await fromTag(repository, subject)
  const left = index.manifests.filter(({ digest }) => digest !== deleted)
  if (left.length < index.manifests.length) await put(repository, subject, left)
}
// #endregion add

async function put(repository: Repository, subject: Digest, manifests: Descriptor[]): Promise<void> {
  const document: Index = { ...NONE, manifests }
  await putManifest(repository, referrersTag(subject), { document, bytes: Buffer.from(JSON.stringify(document)) })
}

// #region descriptor
/** As lists of referrers have it: what kind of thing it is, and its annotations. An image is what its configuration is. */
export function referrerOf({
  descriptor: { mediaType, digest, size },
  document,
}: Pick<Resolved, 'descriptor' | 'document'>): Descriptor {
  const artifactType = document.artifactType ?? (hasManifests(document) ? undefined : document.config.mediaType)
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(document.annotations && { annotations: document.annotations }),
  }
}
// #endregion descriptor
