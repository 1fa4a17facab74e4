/** What is taken away again. Not every registry does that; then it says so. distribution-spec, "Content Management". */
import { isDigest, type Digest } from '../oci/digest.ts'
import type { Repository } from './client.ts'
import { headersOf } from './endpoint.ts'
import { getManifest, titleOf } from './manifests.ts'
import { keepsReferrers, removeReferrer } from './referrers.ts'

// #region delete
/** A tag, or a manifest with all its tags. Where the registry keeps no list of what refers to something, it is taken off ours. @throws RegistryError */
export async function deleteManifest(repository: Repository, name: string): Promise<void> {
  const subject = isDigest(name) ? (await getManifest(repository, name)).document.subject : undefined
  await request(repository, `manifests/${name}`, titleOf(repository, name))
  if (isDigest(name) && subject && !(await keepsReferrers(repository, subject.digest)))
    await removeReferrer(repository, subject.digest, name)
}

/** @throws RegistryError */
export const deleteBlob = (repository: Repository, digest: Digest): Promise<void> =>
  request(repository, `blobs/${digest}`, titleOf(repository, digest))
// #endregion delete

async function request(repository: Repository, path: string, title: string): Promise<void> {
  const wish = { method: 'DELETE', path, actions: 'delete', hopes: [202], doing: `delete "${title}"` } as const
  await repository.ask(wish, headersOf)
}
