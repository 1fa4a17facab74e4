/** What a registry, or the way to it, has refused. */

export interface Circumstances extends ErrorOptions {
  /** HTTP's, where there was an answer at all. */
  status?: number | undefined
  /** The registry's own word: distribution-spec, "Error Codes". */
  reason?: string | undefined
  /** So many milliseconds it wants to be left alone. */
  retryAfter?: number | undefined
}

/** What the network itself says has a `code` of Node's, and is kept as `cause`. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly retryAfter: number | undefined

  constructor(message: string, { status, reason, retryAfter, ...options }: Circumstances = {}) {
    super(message, options)
    this.status = status
    this.reason = reason
    this.retryAfter = retryAfter
  }
}

/** The connection has not held, in a way that the network itself had no word for. The code is one of Node's own. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly code: 'ETIMEDOUT' | 'ECONNRESET'

  constructor(code: Interrupted['code'], message: string) {
    super(message)
    this.code = code
  }
}
