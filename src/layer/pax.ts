/**
 * What stands before a header and says more than it can: the records of pax(1), each `LENGTH KEY=VALUE` and a newline, the length being that of the whole
 * record. Keys of vendors are for xattrs (SCHILY, LIBARCHIVE) and files with holes (GNU).
 */
import { badLayer } from './layer-error.ts'
import type { Header } from './tar-header.ts'
import type { Time } from './time.ts'

/** Values are bytes, as characters; one that is empty takes back what was said before. */
export type Records = Map<string, string>

export type Xattrs = Map<string, Buffer>

// #region records
/** @throws LayerError */
export function parseRecords(bytes: Buffer): Records {
  const records: Records = new Map()
  for (let text = bytes.toString('latin1'); text !== '';) {
    const [, digits = ''] = /^(\d{1,7}) /.exec(text) ?? []
    const record = text.slice(0, Number(digits))
    const equals = record.indexOf('=', digits.length + 1)
    if (!record.endsWith('\n') || record.length !== Number(digits) || equals <= digits.length + 1)
      throw badLayer(`a PAX record is none: ${JSON.stringify(text.slice(0, 40))}`)
    keep(records, record.slice(digits.length + 1, equals), record.slice(equals + 1, -1))
    text = text.slice(record.length)
  }
  return records
}
// #endregion records

/** GNU's first way to write a map of holes repeats two keys: as the second way has it, all in one. */
function keep(records: Records, key: string, value: string): void {
  if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
    const map = records.get('GNU.sparse.map')
    records.set('GNU.sparse.map', map === undefined ? value : `${map},${value}`)
  } else if (value === '') records.delete(key)
  else records.set(key, value)
}

// #region amend
/** A size that the header could have said as well has to be what it says: two readers would see two different archives otherwise. @throws LayerError */
export function amend(header: Header, records: Records): Header {
  const size = number(records, 'size') ?? header.size
  if (size !== header.size && size < 8 ** 11)
    throw badLayer(`its entry "${header.name}" has two sizes: ${header.size} in its header, ${size} in its PAX record`)
  return {
    ...header,
    name: text(records, 'path') ?? header.name,
    linkname: text(records, 'linkpath') ?? header.linkname,
    size,
    uid: number(records, 'uid') ?? header.uid,
    gid: number(records, 'gid') ?? header.gid,
    mtime: time(records, 'mtime') ?? header.mtime,
  }
}
// #endregion amend

function text(records: Records, key: string): string | undefined {
  const value = records.get(key)
  if (value?.includes('\0')) throw badLayer(`the PAX record "${key}" has a NUL in it, which no name has`)
  return value
}

/** @throws LayerError */
export function number(records: Records, key: string): number | undefined {
  const value = records.get(key)
  if (value === undefined) return undefined
  if (/^\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  throw badLayer(`the PAX record "${key}" is ${JSON.stringify(value.slice(0, 40))}, no number from 0 on`)
}

/** `-1.25` is three quarters of a second after -2. */
function time(records: Records, key: string): Time | undefined {
  const value = records.get(key)
  if (value === undefined) return undefined
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value) ?? []
  if (whole === '') throw badLayer(`the PAX record "${key}" is ${JSON.stringify(value.slice(0, 40))}, no time`)
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'))
  if (sign !== '-') return { seconds: Number(whole), nanoseconds }
  return nanoseconds === 0
    ? { seconds: 0 - Number(whole), nanoseconds }
    : { seconds: -1 - Number(whole), nanoseconds: 1e9 - nanoseconds }
}

// #region xattrs
/** Plain bytes under SCHILY's key, base 64 under libarchive's; where both are, they say the same. */
export function xattrsOf(records: Records): Xattrs {
  const xattrs: Xattrs = new Map()
  for (const [key, value] of records) {
    const [, vendor, name = ''] = /^(SCHILY|LIBARCHIVE)\.xattr\.(.+)$/s.exec(key) ?? []
    if (vendor === 'SCHILY') xattrs.set(name, Buffer.from(value, 'latin1'))
    if (vendor === 'LIBARCHIVE' && !records.has(`SCHILY.xattr.${unescaped(name)}`))
      xattrs.set(unescaped(name), Buffer.from(value, 'base64'))
  }
  return xattrs
}
// #endregion xattrs

const unescaped = (name: string): string =>
  name.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
