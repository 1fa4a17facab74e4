/** An entry as bytes: ustar's header and, before it, PAX records for what it cannot say. pax(1). */
import { baseOf, bytesOf } from './names.ts'
import type { Kind, Entry } from './tar-read.ts'
import { BLOCK, paddingOf } from './tar-header.ts'

/** An entry without its content. */
export type Described = Omit<Entry, 'content'>

const TYPES: Readonly<Record<Kind, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

// #region describe
/** The same for the same entry: no name of a user or a machine, no time but that of the last change. */
export function describe(entry: Described): Buffer {
  const said = { ...entry, name: entry.kind === 'directory' ? `${entry.name || '.'}/` : entry.name }
  const records = recordsOf(said)
  if (records.length === 0) return header(said, TYPES[entry.kind])
  const about = { ...NOBODY, name: `PaxHeaders.0/${baseOf(entry.name)}`, size: records.length }
  return Buffer.concat([header(about, 'x'), filled(records), header(said, TYPES[entry.kind])])
}
// #endregion describe

const NOBODY = { mode: 0o644, uid: 0, gid: 0, target: '', mtime: { seconds: 0, nanoseconds: 0 }, major: 0, minor: 0 }

/** With zeros, up to a whole block. */
const filled = (bytes: Buffer): Buffer => Buffer.concat([bytes, padding(bytes.length)])

export const padding = (size: number): Buffer => Buffer.alloc(paddingOf(size))

/** Two blocks of zeros. */
export const END = Buffer.alloc(2 * BLOCK)

// #region pax
/** What the header has no room for. */
function recordsOf({ name, target, size, uid, gid, mtime, xattrs }: Described): Buffer {
  const records: [key: string, value: string][] = []
  if (name.length > 100) records.push(['path', name])
  if (target.length > 100) records.push(['linkpath', target])
  if (size >= 8 ** 11) records.push(['size', String(size)])
  if (uid >= 8 ** 7) records.push(['uid', String(uid)])
  if (gid >= 8 ** 7) records.push(['gid', String(gid)])
  if (mtime.nanoseconds > 0 || mtime.seconds < 0 || mtime.seconds >= 8 ** 11) records.push(['mtime', timeText(mtime)])
  for (const [xattr, value] of xattrs) records.push([`SCHILY.xattr.${xattr}`, value.toString('latin1')])
  return Buffer.concat(records.sort(([one], [other]) => (one < other ? -1 : 1)).map(record))
}

/** Its length is part of what it is the length of. */
function record([key, value]: [string, string]): Buffer {
  const rest = ` ${key}=${value}\n`
  let length = rest.length + 1
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return bytesOf(`${length}${rest}`)
}
// #endregion pax

/** -1.25 is written for -2 seconds and 750,000,000 nanoseconds. */
function timeText({ seconds, nanoseconds }: Entry['mtime']): string {
  const isNegative = seconds < 0 && nanoseconds > 0
  const [whole, part] = isNegative ? [seconds + 1, 1e9 - nanoseconds] : [seconds, nanoseconds]
  const sign = isNegative && whole === 0 ? '-' : ''
  return part === 0 ? `${whole}` : `${sign}${whole}.${String(part).padStart(9, '0').replace(/0+$/, '')}`
}

/** A number that does not fit is left to the records. */
function header(entry: Omit<Described, 'kind' | 'xattrs'>, type: string): Buffer {
  const block = Buffer.alloc(BLOCK)
  const text = (value: string, at: number): void => void bytesOf(value).copy(block, at, 0, 100)
  const octal = (value: number, at: number, width: number): void => {
    const digits = value >= 0 && value < 8 ** (width - 1) ? value.toString(8) : '0'
    block.write(digits.padStart(width - 1, '0'), at, 'latin1')
  }
  text(entry.name, 0)
  octal(entry.mode, 100, 8)
  octal(entry.uid, 108, 8)
  octal(entry.gid, 116, 8)
  octal(entry.size, 124, 12)
  octal(entry.mtime.seconds, 136, 12)
  block.write(type, 156, 'latin1')
  text(entry.target, 157)
  block.write('ustar\x0000', 257, 'latin1')
  octal(entry.major, 329, 8)
  octal(entry.minor, 337, 8)
  block.fill(' ', 148, 156)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return block
}
