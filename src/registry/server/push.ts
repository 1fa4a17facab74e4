/** Blobs come in: by name from another repository, in one request, or in pieces that come in order. distribution-spec, "Pushing blobs". */
import { Spoiled } from '../../content/ingest.ts'
import type { Digest } from '../../oci/digest.ts'
import { digestIn, type Call } from './call.ts'
import { Refusal, type Reply } from './refusal.ts'
import type { Upload } from './uploads.ts'

// #region begin
/** Three in one: `?mount=` takes what another repository has, `?digest=` brings it along, and otherwise there is a place to send it to. */
export async function beginUpload(call: Call): Promise<Reply> {
  const { query, uploads, name } = call
  const mount = query.get('mount')
  if (mount !== null && canMount(call, digestIn(mount))) return created(call, digestIn(mount))
  const algorithm = query.get('digest-algorithm') ?? 'sha256'
  if (!['sha256', 'sha512'].includes(algorithm))
    throw new Refusal('DIGEST_INVALID', `${algorithm} is not calculated here`)
  const digest = query.get('digest')
  const named = digest === null ? undefined : digestIn(digest)
  const upload = await uploads.begin(name)
  if (named === undefined) return { status: 202, headers: whereItIs(upload) }
  await append(call, upload)
  return finish(call, upload, named)
}

/** Without `from`, any repository will do. */
function canMount({ repositories, name, query }: Call, digest: Digest): boolean {
  const from = query.get('from')
  const isThere = (from === null ? repositories.names() : [from]).some((one) => repositories.hasBlob(one, digest))
  if (isThere) repositories.addBlob(name, digest)
  return isThere
}
// #endregion begin

// #region pieces
export async function patchUpload(call: Call): Promise<Reply> {
  const upload = await call.uploads.find(call.name, call.parameter)
  await append(call, upload)
  return { status: 202, headers: whereItIs(upload) }
}

export async function putUpload(call: Call): Promise<Reply> {
  const upload = await call.uploads.find(call.name, call.parameter)
  const digest = digestIn(call.query.get('digest') ?? '')
  await append(call, upload)
  return finish(call, upload, digest)
}

/** A piece that is not the next one is refused, and whoever sent it is told which is. */
async function append(call: Call, upload: Upload): Promise<void> {
  const { headers, body } = call
  const { writer } = upload
  if (upload.isBusy) throw outOfOrder(upload, 'a piece of it is coming in by another request')
  const length = headers['content-length']
  const [, first, last] = /^(\d+)-(\d+)$/.exec(headers['content-range'] ?? '') ?? []
  if (first !== undefined && Number(first) !== writer.offset) throw outOfOrder(upload, `byte ${writer.offset} is next`)
  if (length !== undefined && first !== undefined && Number(last) - Number(first) + 1 !== Number(length))
    throw new Refusal('SIZE_INVALID')
  upload.isBusy = true
  try {
    for await (const chunk of body) await writer.write(chunk)
  } catch (error) {
    throw orCancelled(call, upload, error)
  } finally {
    upload.isBusy = false
  }
}
// #endregion pieces

/** Whoever has lost a connection cancels by another one what may still be coming in by the first. */
const orCancelled = ({ uploads }: Call, upload: Upload, error: unknown): unknown =>
  uploads.has(upload) ? error : new Refusal('BLOB_UPLOAD_UNKNOWN', 'it was cancelled meanwhile')

const outOfOrder = (upload: Upload, why: string): Refusal =>
  new Refusal('BLOB_UPLOAD_INVALID', why, { status: 416, headers: whereItIs(upload) })

// #region finish
/** It is named before it is there, when nobody finds it yet: so nobody takes it away who deletes the same one elsewhere. */
async function finish(call: Call, upload: Upload, digest: Digest): Promise<Reply> {
  const { repositories, uploads, name } = call
  const wasThere = repositories.hasBlob(name, digest)
  repositories.addBlob(name, digest)
  try {
    await upload.writer.commit(digest)
  } catch (error) {
    if (!wasThere) repositories.removeBlob(name, digest)
    if (error instanceof Spoiled) throw new Refusal('DIGEST_INVALID', error.message)
    throw orCancelled(call, upload, error)
  } finally {
    await uploads.end(upload)
  }
  return created(call, digest)
}
// #endregion finish

const created = ({ name }: Call, digest: Digest): Reply => ({
  status: 201,
  headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest, 'content-length': 0 },
})

export const uploadStatus = async ({ uploads, name, parameter }: Call): Promise<Reply> => ({
  status: 204,
  headers: whereItIs(await uploads.find(name, parameter)),
})

export async function cancelUpload({ uploads, name, parameter }: Call): Promise<Reply> {
  await uploads.end(await uploads.find(name, parameter))
  return { status: 204 }
}

/** Of nothing yet, Docker's registry says `0-0`, and clients know that. */
const whereItIs = ({ id, name, writer }: Upload): Record<string, string | number> => ({
  location: `/v2/${name}/blobs/uploads/${id}`,
  range: `0-${Math.max(writer.offset - 1, 0)}`,
  'docker-upload-uuid': id,
  'content-length': 0,
})
