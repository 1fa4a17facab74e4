/** What a registry says no with: distribution-spec, "Error Codes". */
import type { Readable } from 'node:stream'

// #region codes
const CODES = {
  BLOB_UNKNOWN: [404, 'there is no such blob in this repository'],
  BLOB_UPLOAD_INVALID: [400, 'the upload cannot go on like this'],
  BLOB_UPLOAD_UNKNOWN: [404, 'there is no such upload'],
  DIGEST_INVALID: [400, 'the digest is not the one of the bytes'],
  MANIFEST_BLOB_UNKNOWN: [404, 'the manifest needs something that is not in this repository'],
  MANIFEST_INVALID: [400, 'the manifest cannot be read'],
  MANIFEST_UNKNOWN: [404, 'there is no such manifest in this repository'],
  NAME_INVALID: [400, 'that is no name of a repository'],
  NAME_UNKNOWN: [404, 'there is no such repository'],
  SIZE_INVALID: [400, 'there are not as many bytes as was said'],
  UNAUTHORIZED: [401, 'only those who have an account may do that'],
  UNSUPPORTED: [405, 'this registry does not do that'],
} as const
// #endregion codes

export type Code = keyof typeof CODES

export interface Reply {
  status: number
  headers?: Record<string, string | number>
  /** Of a HEAD it is not asked for. */
  body?: string | (() => Readable)
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  readonly reply: Reply

  /** @param detail what exactly is so. @param special another status, or headers that belong to it. */
  constructor(code: Code, detail?: string, special: Omit<Partial<Reply>, 'body'> = {}) {
    const [status, message] = CODES[code]
    super(detail ?? message)
    this.code = code
    const body = JSON.stringify({ errors: [{ code, message, detail }] })
    const about = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    this.reply = { status, ...special, headers: { ...special.headers, ...about }, body }
  }
}
