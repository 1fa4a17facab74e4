/** Manifests: given out as the bytes that came, taken when all that they need is there, deleted. distribution-spec, "Pushing Manifests". */
import { putBytes } from '../../content/put.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { algorithmOf, digestOf, isDigest, type Digest } from '../../oci/digest.ts'
import { NotADocument } from '../../oci/document.ts'
import { childrenOf, hasManifests, parseManifest, type Index, type Manifest } from '../../oci/manifest.ts'
import { essenceOf, isForeignLayer } from '../../oci/media-types.ts'
import { isTag } from '../../oci/reference.ts'
import { gathered } from '../http/body.ts'
import { referrerOf } from '../referrers.ts'
import { digestIn, type Call } from './call.ts'
import type { Repositories } from './repositories.ts'
import { Refusal, type Reply } from './refusal.ts'

/** distribution-spec: "SHOULD expect to be able to support manifest pushes of at least 4 megabytes". */
const MOST = 4 * 2 ** 20

// #region get
export function getManifest(call: Call): Reply {
  const { mediaType, digest, size } = find(call)
  return {
    status: 200,
    headers: {
      'content-type': mediaType,
      'content-length': size,
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    },
    body: () => call.repositories.content.read(digest),
  }
}
// #endregion get

// #region put
/** First its name, which is not seen before the bytes are there: so nobody takes them away who deletes the same ones elsewhere. The tag comes last. */
export async function putManifest(call: Call): Promise<Reply> {
  const { repositories, name, parameter: reference, headers } = call
  const bytes = await gathered(call.body, MOST, tooLong)
  const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256')
  if (isDigest(reference) && reference !== digest) throw new Refusal('DIGEST_INVALID', `the bytes are ${digest}`)
  const document = parse(bytes, headers['content-type'])
  refuseHalves(repositories, name, document)
  const descriptor = { mediaType: document.mediaType, digest, size: bytes.length }
  repositories.addManifest(name, descriptor)
  if (!repositories.content.info(digest)) await putBytes(repositories.content, `manifest-${digest}`, { digest, bytes })
  const tags = isDigest(reference) ? call.query.getAll('tag').map(tagIn) : [tagIn(reference)]
  for (const tag of tags) repositories.setTag(name, tag, digest)
  const subject = document.subject?.digest
  if (subject) repositories.addReferrer(name, subject, referrerOf({ descriptor, document }))
  return {
    status: 201,
    headers: {
      location: `/v2/${name}/manifests/${digest}`,
      'docker-content-digest': digest,
      'content-length': 0,
      ...(subject && { 'oci-subject': subject }),
      ...(isDigest(reference) && tags.length > 0 && { 'oci-tag': tags.join(', ') }),
    },
  }
}
// #endregion put

// #region delete
export function deleteManifest(call: Call): Reply {
  const { repositories, name, parameter: reference } = call
  const { digest, mediaType } = find(call)
  if (isDigest(reference)) {
    const { subject } = parseManifest(repositories.content.bytes(digest, MOST), mediaType)
    if (subject) repositories.removeReferrer(name, subject.digest, digest)
    repositories.removeManifest(name, digest)
  } else repositories.removeTag(name, reference)
  return { status: 202, headers: { 'content-length': 0 } }
}
// #endregion delete

function find({ repositories, name, parameter: reference }: Call): Descriptor {
  const digest = reference.includes(':') ? digestIn(reference) : repositories.tag(name, tagIn(reference))
  const found = digest && repositories.manifest(name, digest)
  if (!found) throw new Refusal('MANIFEST_UNKNOWN', `${name} has no ${reference}`)
  return found
}

/** distribution-spec, "Pulling manifests". */
function tagIn(text: string): string {
  if (isTag(text)) return text
  throw new Refusal('MANIFEST_INVALID', `${text} is neither a tag nor a digest`)
}

function parse(bytes: Buffer, contentType: string | undefined): Manifest | Index {
  try {
    return parseManifest(bytes, contentType === undefined ? undefined : essenceOf(contentType))
  } catch (error) {
    if (error instanceof NotADocument) throw new Refusal('MANIFEST_INVALID', error.message)
    throw error
  }
}

/** A layer that is to be had elsewhere need not be here, nor a subject, which may come later. */
function refuseHalves(repositories: Repositories, name: string, document: Manifest | Index): void {
  const isThere = hasManifests(document)
    ? (digest: Digest) => repositories.manifest(name, digest) !== undefined
    : (digest: Digest) => repositories.hasBlob(name, digest)
  const missing = childrenOf(document).find(({ digest, mediaType }) => !isForeignLayer(mediaType) && !isThere(digest))
  if (missing) throw new Refusal('MANIFEST_BLOB_UNKNOWN', `${missing.digest} has to be pushed to ${name} first`)
}

const tooLong = (): Refusal => new Refusal('MANIFEST_INVALID', `a manifest has at most ${MOST} bytes`, { status: 413 })
