/**
 * One header of a tar archive: 512 bytes, with fields at fixed places. Three formats share them – ustar (POSIX, pax(1)), GNU's, star's – and differ in
 * what stands behind the name and in how a number that is too long is written.
 */
import { badLayer, badEntry } from './layer-error.ts'
import type { Time } from './time.ts'

export const BLOCK = 512

/** A block is filled up: by so many bytes. */
export const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

export interface Header {
  name: string
  linkname: string
  type: string
  mode: number
  uid: number
  gid: number
  /** How many bytes follow the header. */
  size: number
  mtime: Time
  major: number
  minor: number
}

// #region header
/** @returns none for the block of zeros that ends an archive. @throws LayerError */
export function parseHeader(block: Buffer, position: number): Header | undefined {
  if (isZero(block)) return undefined
  if (!sumFits(block))
    throw badLayer(`there is no tar header at byte ${position}: its checksum is not that of its bytes`)
  const name = nameIn(block)
  const number = (from: number, length: number, least = 0): number => {
    const value = numberIn(block.subarray(from, from + length))
    if (value !== undefined && value >= least && Number.isSafeInteger(value)) return value
    throw badEntry(name, `the number at byte ${from} of its header is ${value ?? 'not one'}`)
  }
  return {
    name,
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    mtime: { seconds: number(136, 12, -Infinity), nanoseconds: 0 },
    type: block.toString('latin1', 156, 157),
    linkname: textIn(block, 157, 100),
    ...(isUstar(block) ? { major: number(329, 8), minor: number(337, 8) } : { major: 0, minor: 0 }),
  }
}
// #endregion header

export function isZero(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0) return false
  return true
}

/** Of all bytes, with the sum's own field as if it were spaces. Some old programs have summed signed bytes. */
function sumFits(block: Buffer): boolean {
  let [plain, signed] = [0, 0]
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
    plain += byte
    signed += byte < 128 ? byte : byte - 256
  }
  const sum = numberIn(block.subarray(148, 156))
  return sum === plain || sum === signed
}

/** GNU's magic is `ustar` and two spaces; it has other things where ustar has the name's beginning. */
const isUstar = (block: Buffer): boolean => block.toString('latin1', 257, 262) === 'ustar'
const hasPrefix = (block: Buffer): boolean => isUstar(block) && block[262] === 0
const isStar = (block: Buffer): boolean => block.toString('latin1', 508, 512) === 'tar\0'

function nameIn(block: Buffer): string {
  const name = textIn(block, 0, 100)
  const prefix = hasPrefix(block) ? textIn(block, 345, isStar(block) ? 131 : 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Up to the first NUL, or the whole field. */
function textIn(block: Buffer, from: number, length: number): string {
  const text = block.toString('latin1', from, from + length)
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

// #region number
/** Octal digits, with spaces or NULs about them; or, with the first bit set, two's complement ("base 256"), as GNU and star write what is longer. */
export function numberIn(field: Buffer): number | undefined {
  const first = field[0] ?? 0
  if (first & 0x80) {
    let value = BigInt(first & 0x40 ? first - 256 : first & 0x7f)
    for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte)
    return Number(value)
  }
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}
// #endregion number
