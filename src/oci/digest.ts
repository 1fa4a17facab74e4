/** The name of a thing is a digest of its bytes: image-spec descriptor.md §Digests. Whoever has the name can tell whether it is the thing. */
import { createHash, type Hash } from 'node:crypto'

// #region digest
export type Algorithm = 'sha256' | 'sha512'
export type Digest = `${Algorithm}:${string}`

/** Two digits of hexadecimal for each byte: image-spec descriptor.md §SHA-256, §SHA-512. */
const DIGITS: Record<Algorithm, number> = { sha256: 64, sha512: 128 }

export const digestOf = (bytes: Uint8Array | string, algorithm: Algorithm = 'sha256'): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`

export function isDigest(text: string): text is Digest {
  const [algorithm = '', encoded = '', ...more] = text.split(':')
  const digits = Object.hasOwn(DIGITS, algorithm) ? DIGITS[algorithm as Algorithm] : NaN
  return more.length === 0 && encoded.length === digits && /^[0-9a-f]+$/.test(encoded)
}
// #endregion digest

// #region parse
/** @throws RangeError naming the value. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new RangeError(`Cannot read the digest ${JSON.stringify(text.slice(0, 160))}: ${factOf(text)}\n  ${REMEDY}`)
}

export const REMEDY = 'A digest is sha256: and 64 hexadecimal digits, or sha512: and 128, in lower case'

/** image-spec descriptor.md §Digests has this grammar for digests of any kind. */
const GRAMMAR = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/

/** What is so of a text that is no digest of ours. */
export function factOf(text: string): string {
  const [, algorithm = '', encoded = ''] = GRAMMAR.exec(text) ?? []
  if (!algorithm) return 'it is not an algorithm, a colon, and what was calculated'
  if (!Object.hasOwn(DIGITS, algorithm)) return `"${algorithm}" is an algorithm that this program cannot calculate`
  if (/[A-F]/.test(encoded)) return 'its digits are in upper case'
  if (!/^[0-9a-f]+$/.test(encoded)) return 'it has characters that are no hexadecimal digits'
  return `it has ${encoded.length} digits`
}
// #endregion parse

// #region parts
export const algorithmOf = (digest: Digest): Algorithm => (digest.startsWith('sha512:') ? 'sha512' : 'sha256')

export const encodedOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)

/** To be fed piece by piece; `digestFrom` reads it off. */
export const hasherOf = (digest: Digest): Hash => createHash(algorithmOf(digest))

/** @param hasher is used up. */
export const digestFrom = (hasher: Hash, algorithm: Algorithm): Digest => `${algorithm}:${hasher.digest('hex')}`
// #endregion parts
