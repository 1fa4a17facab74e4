/** A tar archive, entry by entry, as it comes. What precedes an entry to say more of it – PAX records, GNU's long names – is taken into it. */
import type { ByteReader } from './byte-reader.ts'
import { badEntry, badLayer } from './layer-error.ts'
import { clean, type Name } from './names.ts'
import { amend, parseRecords, xattrsOf, type Records, type Xattrs } from './pax.ts'
import { sparseOf, type Part } from './sparse.ts'
import { BLOCK, isZero, paddingOf, parseHeader, type Header } from './tar-header.ts'
import type { Time } from './time.ts'

export type Kind = 'file' | 'link' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

export interface Entry {
  name: Name
  kind: Kind
  /** Of a link: another entry's name. Of a symbolic link: any text. */
  target: string
  mode: number
  uid: number
  gid: number
  mtime: Time
  major: number
  minor: number
  xattrs: Xattrs
  /** Of the file, holes included. */
  size: number
  /** What is not holes, in pieces as they come. To be read before the next entry is asked for; what is left is skipped. */
  content: AsyncIterable<Piece>
}

export interface Piece {
  offset: number
  bytes: Buffer
}

const KINDS: Readonly<Record<string, Kind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file', // contiguous, on systems that once knew of it
  S: 'file', // GNU's, with holes
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
}

/** A header that is about the next one fits in this, long names and a few xattrs included; Go's reader has the same limit. */
const ABOUT = 1 << 20

// #region read
/** @throws LayerError at the first thing that is wrong; what came before it has been handed out. */
export async function* readTar(reader: ByteReader): AsyncGenerator<Entry, void, undefined> {
  let about = NOTHING
  for (let block = await nextBlock(reader); block !== undefined; block = await nextBlock(reader)) {
    const header = parseHeader(block, reader.position - BLOCK)
    if (header === undefined) return expectEnd(reader)
    if (header.type === 'x') about = { ...about, records: parseRecords(await contentOf(reader, header)) }
    else if (header.type === 'g')
      await contentOf(reader, header) // of all that follow: containerd does not heed it either
    else if (header.type === 'L') about = { ...about, name: longName(await contentOf(reader, header)) }
    else if (header.type === 'K') about = { ...about, linkname: longName(await contentOf(reader, header)) }
    else {
      yield* entryOf(reader, amended(header, about), block, about.records)
      about = NOTHING
    }
  }
  if (about !== NOTHING) throw badLayer('it ends where an entry should follow')
}
// #endregion read

interface About {
  records: Records
  name?: string
  linkname?: string
}

const NOTHING: About = { records: new Map() }

function amended(header: Header, { records, name, linkname }: About): Header {
  const amended = amend(header, records)
  const sparseName = records.get('GNU.sparse.name')
  return { ...amended, name: name ?? sparseName ?? amended.name, linkname: linkname ?? amended.linkname }
}

const longName = (bytes: Buffer): string => bytes.toString('latin1').replace(/\0.*$/s, '')

/** @returns none at the end: there are programs that write no more than the entries. */
async function nextBlock(reader: ByteReader): Promise<Buffer | undefined> {
  const block = await reader.take(BLOCK)
  if (block.length !== 0 && block.length < BLOCK) throw badLayer(`it ends within a header, at byte ${reader.position}`)
  return block.length === 0 ? undefined : block
}

/** The content of a header that is about the next one. */
async function contentOf(reader: ByteReader, { name, size }: Header): Promise<Buffer> {
  if (size > ABOUT) throw badEntry(name, `what is said of the next entry is ${size} bytes long, more than ${ABOUT}`)
  const bytes = await reader.take(size)
  await skip(reader, paddingOf(size))
  return bytes
}

async function* entryOf(reader: ByteReader, header: Header, block: Buffer, records: Records): AsyncGenerator<Entry> {
  const kind = kindOf(header)
  const size = kind === 'file' ? header.size : 0 // no other has content, whatever its header says: Go's reader does the same
  const sparse = await sparseOf({ ...header, size }, block, records, reader)
  const content = new Content(reader, header.name, sparse?.parts ?? [{ offset: 0, length: size }])
  yield {
    kind,
    name: clean(header.name),
    target: header.linkname,
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    mtime: header.mtime,
    major: header.major,
    minor: header.minor,
    xattrs: xattrsOf(records),
    size: sparse?.size ?? size,
    content,
  }
  for await (const _ of content); // what nobody has read
  await reader.take(paddingOf(size)) // umoci ends some archives without the last zeros; Go's reader does without them, too
}

/** Zeros up to the end: what stands behind them some readers would find, and others not. */
async function expectEnd(reader: ByteReader): Promise<void> {
  for (let more = await reader.some(1 << 20); more.length > 0; more = await reader.some(1 << 20))
    if (!isZero(more))
      throw badLayer(`something follows after the end of its tar archive, before byte ${reader.position}`)
}

async function skip(reader: ByteReader, count: number): Promise<void> {
  if ((await reader.take(count)).length < count) throw badLayer(`it ends within an entry, at byte ${reader.position}`)
}

function kindOf({ name, type }: Header): Kind {
  const kind = KINDS[type]
  if (kind === undefined) throw badEntry(name, `there is no kind of file "${type}"`)
  return type === '\0' && name.endsWith('/') ? 'directory' : kind // before ustar a slash was all that told one
}

class Content implements AsyncIterable<Piece> {
  readonly #reader: ByteReader
  readonly #name: string
  readonly #parts: Part[]

  constructor(reader: ByteReader, name: string, parts: Part[]) {
    this.#reader = reader
    this.#name = name
    this.#parts = parts.filter(({ length }) => length > 0)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
      const bytes = await this.#reader.some(part.length)
      if (bytes.length === 0) throw badEntry(this.#name, 'the layer ends within its content')
      const { offset } = part
      part.offset += bytes.length
      part.length -= bytes.length
      if (part.length === 0) this.#parts.shift()
      yield { offset, bytes }
    }
  }
}
