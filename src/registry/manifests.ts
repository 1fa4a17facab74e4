/** Manifests: read, written, deleted by tag or by digest. distribution-spec, "Pulling manifests", "Pushing Manifests". */
import type { Descriptor } from '../oci/descriptor.ts'
import { algorithmOf, digestOf, isDigest, type Digest } from '../oci/digest.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { hasManifests, parseManifest, type Index, type Manifest } from '../oci/manifest.ts'
import { DOCKER_LIST, DOCKER_MANIFEST, essenceOf, OCI_INDEX, OCI_MANIFEST } from '../oci/media-types.ts'
import { readBody } from './http/body.ts'
import type { Repository } from './client.ts'
import { headersOf } from './endpoint.ts'
import { RegistryError } from './http/error.ts'
import type { Answer } from './http/transport.ts'

export interface Resolved {
  descriptor: Descriptor
  /** As they came: another order of the same fields would be another digest. */
  bytes: Buffer
  document: Manifest | Index
}

const ACCEPT = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].join(', ')

/** What says nothing about a document that says it itself. */
const VAGUE = ['', 'application/json', 'application/octet-stream', 'text/plain']

// #region get
/** @param which a tag, a digest, or a descriptor, which also says how large it is. @throws RegistryError, NotADocument */
export function getManifest(repository: Repository, which: string | Descriptor): Promise<Resolved> {
  const name = typeof which === 'string' ? which : which.digest
  return repository.read(
    {
      method: 'GET',
      path: `manifests/${name}`,
      headers: () => ({ accept: ACCEPT }),
      hopes: [200],
      doing: `pull the manifest "${titleOf(repository, name)}"`,
    },
    async (answer) => {
      const bytes = await readBody(answer, typeof which === 'string' ? MOST_BYTES : which.size)
      return resolved(answer, bytes, typeof which === 'string' ? { digest: isDigest(name) ? name : undefined } : which)
    },
  )
}

/** Believed is the digest that was asked for; of a tag, the one of what has come, and that is what the registry has to say, too. */
function resolved({ headers, url }: Answer, bytes: Buffer, expected: Partial<Descriptor> | NoDigest): Resolved {
  const said = headers['docker-content-digest']
  const digest = expected.digest ?? (typeof said === 'string' && isDigest(said) ? said : undefined)
  const own = digestOf(bytes, digest && algorithmOf(digest))
  if (digest !== undefined && own !== digest)
    throw new RegistryError(
      `Cannot believe ${url.host}: of the manifest ${digest} it has sent ${own}, ${bytes.length} bytes`,
    )
  const essence = essenceOf(headers['content-type'] ?? '')
  const document = parseManifest(bytes, VAGUE.includes(essence) ? undefined : essence)
  return { descriptor: { mediaType: document.mediaType, digest: own, size: bytes.length }, bytes, document }
}
// #endregion get

interface NoDigest {
  digest: Digest | undefined
}

export const titleOf = ({ title }: Repository, name: string): string => `${title}${isDigest(name) ? '@' : ':'}${name}`

// #region put
/** @returns whether the registry keeps lists of referrers, as far as it has had to say so. @throws RegistryError */
export async function putManifest(
  repository: Repository,
  name: string,
  { bytes, document }: Pick<Resolved, 'bytes' | 'document'>,
): Promise<{ hasReferrers: boolean }> {
  const headers = await repository.ask(
    {
      method: 'PUT',
      path: `manifests/${name}`,
      actions: 'pull,push',
      headers: () => ({ 'content-type': document.mediaType, 'content-length': String(bytes.length) }),
      body: bytes,
      hopes: [201],
      doing: `push the manifest "${titleOf(repository, name)}"`,
    },
    headersOf,
  )
  return { hasReferrers: headers['oci-subject'] !== undefined }
}
// #endregion put

/** @returns nothing when it is not there. */
export function headManifest(repository: Repository, name: string): Promise<Descriptor | undefined> {
  return repository.ask(
    {
      method: 'HEAD',
      path: `manifests/${name}`,
      headers: () => ({ accept: ACCEPT }),
      hopes: [200, 404],
      doing: `look for the manifest "${titleOf(repository, name)}"`,
    },
    (answer) => {
      const headers = headersOf(answer)
      const said = headers['docker-content-digest']
      const digest = isDigest(name) ? name : typeof said === 'string' && isDigest(said) ? said : undefined
      const size = Number(headers['content-length'])
      if (answer.status === 404 || digest === undefined || !Number.isSafeInteger(size)) return undefined
      return { mediaType: essenceOf(headers['content-type'] ?? ''), digest, size }
    },
  )
}

/** @returns the manifests of an index; nothing else has any. */
export const manifestsOf = (document: Manifest | Index): Descriptor[] =>
  hasManifests(document) ? document.manifests : []
