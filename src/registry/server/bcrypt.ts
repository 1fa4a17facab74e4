/**
 * bcrypt, by which `htpasswd -B` keeps passwords: Blowfish, whose key takes as long to prepare as one likes. Provos and Mazières, "A Future-Adaptable
 * Password Scheme", 1999. Its tables are no secret and no choice of anybody's: they are the digits of π.
 */
import { timingSafeEqual } from 'node:crypto'

// #region bcrypt
/** @param hash `$2y$05$` and 53 characters, of which the first 22 are the salt. @returns whether it is the password's. */
export function isBcryptOf(password: string, hash: string): boolean {
  const [, cost = '', salt = '', encoded = ''] = BCRYPT.exec(hash) ?? []
  if (encoded === '') return false
  const key = Buffer.from(`${password}\0`).subarray(0, 72)
  return timingSafeEqual(derive(key, decode(salt), Number(cost)), decode(encoded))
}

function derive(key: Buffer, salt: Buffer, cost: number): Buffer {
  const state = new Blowfish()
  state.expand(key, salt)
  for (let n = 0; n < 2 ** cost; n += 1) {
    state.expand(key)
    state.expand(salt)
  }
  const text = Buffer.from('OrpheanBeholderScryDoubt')
  for (let n = 0; n < 64; n += 1) for (let at = 0; at < text.length; at += 8) state.encryptIn(text, at)
  return text.subarray(0, 23)
}
// #endregion bcrypt

/** A cost of 17 takes half a minute: whoever wants more wants to stop us. */
export const BCRYPT = /^\$2[aby]\$(0[4-9]|1[0-6])\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/

/** Of base64 with an alphabet of its own. */
function decode(text: string): Buffer {
  const own = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  const usual = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return Buffer.from(
    text.replace(/./g, (character) => usual[own.indexOf(character)] ?? ''),
    'base64',
  )
}

const ZEROS = Buffer.alloc(16)

/** Schneier, "Description of a New Variable-Length Key, 64-Bit Block Cipher", 1993: 18 words that are mixed in, and four tables of 256. */
class Blowfish {
  readonly #words = PI.slice()
  #left = 0
  #right = 0

  /** The key is mixed in, and then everything is written over, with what the salt becomes. */
  expand(key: Buffer, salt: Buffer = ZEROS): void {
    const words = this.#words
    for (let n = 0; n < 18; n += 1) words[n] = at(words, n) ^ wordAt(key, n)
    this.#left = this.#right = 0
    for (let n = 0; n < words.length; n += 2) {
      this.#left ^= wordAt(salt, n)
      this.#right ^= wordAt(salt, n + 1)
      this.#encrypt()
      words[n] = this.#left
      words[n + 1] = this.#right
    }
  }

  encryptIn(text: Buffer, offset: number): void {
    this.#left = text.readInt32BE(offset)
    this.#right = text.readInt32BE(offset + 4)
    this.#encrypt()
    text.writeInt32BE(this.#left, offset)
    text.writeInt32BE(this.#right, offset + 4)
  }

  #encrypt(): void {
    const words = this.#words
    let left = this.#left
    let right = this.#right
    for (let n = 0; n < 16; n += 1) {
      left ^= at(words, n)
      const mixed =
        (at(words, 18 + (left >>> 24)) + at(words, 274 + ((left >>> 16) & 255))) ^ at(words, 530 + ((left >>> 8) & 255))
      const next = right ^ (mixed + at(words, 786 + (left & 255)))
      right = left
      left = next
    }
    this.#left = right ^ at(words, 17)
    this.#right = left ^ at(words, 16)
  }
}

const at = (words: Int32Array, n: number): number => words[n] ?? 0

/** The n-th four bytes, of bytes that begin anew at their end. */
const wordAt = (bytes: Buffer, n: number): number =>
  [0, 1, 2, 3].reduce((word, byte) => (word << 8) | (bytes[(4 * n + byte) % bytes.length] ?? 0), 0)

const WORDS = 18 + 4 * 256

/** What comes after the point of π, in words of 32 bits. Machin, 1706: π/4 = 4 arctan(1/5) − arctan(1/239). */
const PI = ((): Int32Array => {
  const spare = 64n
  const one = 1n << (BigInt(WORDS) * 32n + spare)
  const digits = ((16n * arctan(5n, one) - 4n * arctan(239n, one)) >> spare).toString(16).slice(1)
  return Int32Array.from({ length: WORDS }, (_, n) => parseInt(digits.slice(8 * n, 8 * n + 8), 16))
})()

/** arctan(1/x) = 1/x − 1/3x³ + 1/5x⁵ − …, of fixed-point numbers. */
function arctan(x: bigint, one: bigint): bigint {
  let sum = 0n
  for (let power = one / x, n = 1n; power > 0n; power /= x * x, n += 2n) sum += n % 4n === 1n ? power / n : -power / n
  return sum
}
