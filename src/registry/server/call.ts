/** A request, as those who answer it see it. */
import type { IncomingHttpHeaders } from 'node:http'
import { isDigest, type Digest } from '../../oci/digest.ts'
import type { Repositories } from './repositories.ts'
import { Refusal } from './refusal.ts'
import type { Uploads } from './uploads.ts'

export interface Call {
  repositories: Repositories
  uploads: Uploads
  /** Of the repository. */
  name: string
  /** The last part of the path: a digest, a tag, an upload's number. */
  parameter: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: AsyncIterable<Buffer>
}

/** @throws Refusal */
export function digestIn(text: string): Digest {
  if (isDigest(text)) return text
  throw new Refusal('DIGEST_INVALID', `${text} is no digest of sha256 or sha512`)
}
