/** What may be better in a moment is asked again: RFC 9110 §10.2.3, RFC 6585 §4. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RegistryError } from './error.ts'

export interface Patience {
  /** How often altogether. */
  attempts: number
  /** Milliseconds before the second attempt; before each further one, twice as many. */
  first: number
  /** More than this is never waited, whatever a registry wishes. */
  most: number
}

export const PATIENCE: Patience = { attempts: 6, first: 500, most: 30_000 }

/** Timeout, too many requests; and what a gateway says of somebody behind it. */
const PASSING = [408, 425, 429, 500, 502, 503, 504]

const PASSING_CODES = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE']

/** Garbage instead of HTTP is not in here: that somebody else listens at this port does not pass. */
export function isPassing(error: unknown): boolean {
  if (error instanceof RegistryError && error.status !== undefined) return PASSING.includes(error.status)
  return PASSING_CODES.includes(codeOf(error) ?? '')
}

const codeOf = (error: unknown): string | undefined => {
  const { code, cause } = error as { code?: string; cause?: unknown }
  return code ?? (cause === undefined ? undefined : codeOf(cause))
}

export interface Again {
  /** In milliseconds. */
  delay: number
  why: Error
}

// #region retry
/**
 * @param attempt throws; or says that it has got further, with `progress`, whereupon the count begins anew.
 * @throws what the last attempt threw, or the first that no patience helps against.
 */
export async function retry<T>(
  attempt: (progress: () => void) => Promise<T>,
  { attempts, first, most }: Patience,
  { onAgain, signal }: { onAgain?: ((again: Again) => void) | undefined; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  for (let failed = 0; ;) {
    try {
      return await attempt(() => (failed = 0))
    } catch (error) {
      failed += 1
      if (failed >= attempts || !isPassing(error) || signal?.aborted) throw error
      const delay = Math.min(askedFor(error) ?? spread(first * 2 ** (failed - 1)), most)
      onAgain?.({ delay, why: error as Error })
      await sleep(delay, undefined, signal && { signal })
    }
  }
}
// #endregion retry

/** Many who were refused at once do not come back at once. */
const spread = (delay: number): number => delay * (0.75 + Math.random() / 2)

const askedFor = (error: unknown): number | undefined => (error instanceof RegistryError ? error.retryAfter : undefined)

/** @param header Retry-After: seconds, or a date. @returns milliseconds. */
export function parseRetryAfter(header = '', now = Date.now()): number | undefined {
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return wait >= 0 ? wait : undefined
}
