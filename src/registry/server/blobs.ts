/** Blobs: given out whole or in part, deleted. distribution-spec, "Pulling blobs", "Deleting Blobs". */
import type { Call } from './call.ts'
import { digestIn } from './call.ts'
import { parseRange } from './range.ts'
import { Refusal, type Reply } from './refusal.ts'

// #region blobs
export function getBlob({ repositories, name, parameter, headers }: Call): Reply {
  const { digest, size } = find({ repositories, name, parameter })
  const about = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
  }
  const part = parseRange(headers.range, size)
  if (part === 'none') return { status: 416, headers: { 'content-range': `bytes */${size}`, 'content-length': 0 } }
  const { start, end } = part ?? { start: 0, end: size }
  return {
    status: part ? 206 : 200,
    headers: {
      ...about,
      'content-length': end - start,
      ...(part && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    },
    ...(end > start && { body: () => repositories.content.read(digest, { start, end }) }),
  }
}

export function deleteBlob(call: Call): Reply {
  const { digest } = find(call)
  call.repositories.removeBlob(call.name, digest)
  return { status: 202, headers: { 'content-length': 0 } }
}
// #endregion blobs

function find({ repositories, name, parameter }: Pick<Call, 'repositories' | 'name' | 'parameter'>) {
  const digest = digestIn(parameter)
  const info = repositories.hasBlob(name, digest) ? repositories.content.info(digest) : undefined
  if (!info) throw new Refusal('BLOB_UNKNOWN', digest)
  return info
}
