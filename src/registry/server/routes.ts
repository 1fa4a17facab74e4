/** The whole of the API: distribution-spec, "Endpoints". */
import { isRepository } from '../../oci/reference.ts'
import { deleteBlob, getBlob } from './blobs.ts'
import type { Call } from './call.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import { beginUpload, cancelUpload, patchUpload, putUpload, uploadStatus } from './push.ts'
import { listReferrers } from './referrers.ts'
import { Refusal, type Reply } from './refusal.ts'
import { listTags } from './tags.ts'

type Answering = (call: Call) => Reply | Promise<Reply>

const isThere = (): Reply => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' })

// #region routes
const ROUTES: readonly [method: string, path: string, answer: Answering][] = [
  ['GET', '/v2/', isThere],
  ['GET', '/v2/NAME/blobs/PARAMETER', getBlob],
  ['DELETE', '/v2/NAME/blobs/PARAMETER', deleteBlob],
  ['POST', '/v2/NAME/blobs/uploads/', beginUpload],
  ['GET', '/v2/NAME/blobs/uploads/PARAMETER', uploadStatus],
  ['PATCH', '/v2/NAME/blobs/uploads/PARAMETER', patchUpload],
  ['PUT', '/v2/NAME/blobs/uploads/PARAMETER', putUpload],
  ['DELETE', '/v2/NAME/blobs/uploads/PARAMETER', cancelUpload],
  ['GET', '/v2/NAME/manifests/PARAMETER', getManifest],
  ['PUT', '/v2/NAME/manifests/PARAMETER', putManifest],
  ['DELETE', '/v2/NAME/manifests/PARAMETER', deleteManifest],
  ['GET', '/v2/NAME/tags/list', listTags],
  ['GET', '/v2/NAME/referrers/PARAMETER', listReferrers],
]
// #endregion routes

const patterns = ROUTES.map(([method, path, answer]) => ({
  method,
  answer,
  pattern: new RegExp(`^${path.replace('NAME', '(?<name>.+)').replace('PARAMETER', '(?<parameter>[^/]+)')}/?$`),
}))

export interface Found {
  answer: Answering
  name: string
  parameter: string
}

// #region route
/** What is asked by HEAD is asked by GET, and its body left out. @throws Refusal */
export function route(method: string, path: string): Found {
  const matching = patterns.filter(({ pattern }) => pattern.test(path))
  const found = matching.find((one) => one.method === (method === 'HEAD' ? 'GET' : method))
  if (!found) throw new Refusal('UNSUPPORTED', `${method} ${path}`, matching.length === 0 ? { status: 404 } : {})
  const { name = '', parameter = '' } = found.pattern.exec(path)?.groups ?? {}
  if (name !== '' && !isRepository(name)) throw new Refusal('NAME_INVALID', name)
  return { answer: found.answer, name, parameter }
}
// #endregion route
