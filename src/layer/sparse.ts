/**
 * Files with holes. What is in the archive are the parts that are no holes, one after the other, and a map that says where each belongs. GNU tar has
 * written that map in four ways; "Storing Sparse Files" in its manual.
 */
import type { ByteReader } from './byte-reader.ts'
import { badEntry, badLayer } from './layer-error.ts'
import { number, type Records } from './pax.ts'
import { BLOCK, numberIn, type Header } from './tar-header.ts'

export interface Part {
  offset: number
  length: number
}

export interface Sparse {
  parts: Part[]
  /** Of the file, holes included. */
  size: number
  /** How many bytes of the entry's content were the map. */
  read: number
}

/** More than a file of a terabyte has that is written here and there; a list of any length would fill the memory. */
const PARTS = 100_000

// #region sparse
/** @returns none for a file without holes. @throws LayerError when map, sizes and content do not fit. */
export async function sparseOf(
  header: Header,
  block: Buffer,
  records: Records,
  reader: ByteReader,
): Promise<Sparse | undefined> {
  const sparse = await mapOf(header, block, records, reader)
  if (sparse === undefined) return undefined
  let end = 0
  for (const { offset, length } of sparse.parts) {
    if (offset < end || offset + length > sparse.size)
      throw badEntry(header.name, 'its map of holes has parts that overlap, or lie behind the end of the file')
    end = offset + length
  }
  const content = sparse.parts.reduce((sum, { length }) => sum + length, 0)
  if (content !== header.size - sparse.read)
    throw badEntry(
      header.name,
      `its map of holes speaks of ${content} bytes, and there are ${header.size - sparse.read}`,
    )
  return sparse
}
// #endregion sparse

async function mapOf(header: Header, block: Buffer, records: Records, reader: ByteReader): Promise<Sparse | undefined> {
  if (header.type === 'S') return { ...(await mapInHeaders(header.name, block, reader)), read: 0 }
  const size = number(records, 'GNU.sparse.realsize') ?? number(records, 'GNU.sparse.size')
  if (size === undefined) return undefined
  const map = records.get('GNU.sparse.map')
  if (map !== undefined) return { parts: pairs(header.name, map.split(',').map(decimal)), size, read: 0 }
  if (records.get('GNU.sparse.major') !== '1') return { parts: [], size, read: 0 }
  return { ...(await mapInContent(header, reader)), size }
}

/** The old way, without PAX: four parts in the header, then 21 in each block that follows. */
async function mapInHeaders(name: string, block: Buffer, reader: ByteReader): Promise<Omit<Sparse, 'read'>> {
  const numbers: (number | undefined)[] = []
  const size = numberIn(block.subarray(483, 495)) ?? NaN
  let [at, count, more] = [386, 4, block[482]]
  for (let here = block; ;) {
    for (let field = at; field < at + count * 24; field += 12) numbers.push(numberIn(here.subarray(field, field + 12)))
    if (!more) break
    here = Buffer.from(await reader.take(BLOCK))
    ;[at, count, more] = [0, 21, here[504]]
    if (here.length < BLOCK || numbers.length > 2 * PARTS) throw badEntry(name, 'its map of holes has no end')
  }
  const parts = pairs(name, numbers).filter(({ offset, length }) => offset > 0 || length > 0)
  if (!Number.isSafeInteger(size) || size < 0) throw badEntry(name, 'it has holes, and no size')
  return { parts, size }
}

/** The last way, 1.0: lines of digits before the content – how many parts, then two for each – filled up to a whole block. */
async function mapInContent(header: Header, reader: ByteReader): Promise<Omit<Sparse, 'size'>> {
  const lines: string[] = []
  let [read, text, wanted] = [0, '', 1]
  while (lines.length < wanted) {
    const block = await reader.take(Math.min(BLOCK, header.size - read))
    if (block.length < BLOCK || lines.length > 2 * PARTS) throw badEntry(header.name, 'its map of holes has no end')
    read += BLOCK
    const pieces = (text + block.toString('latin1')).split('\n')
    text = pieces.pop() ?? ''
    lines.push(...pieces)
    wanted = 1 + 2 * (decimal(lines[0] ?? '0') ?? 0)
  }
  return { parts: pairs(header.name, lines.slice(1, wanted).map(decimal)), read }
}

const decimal = (text: string): number | undefined => (/^\d{1,16}$/.test(text) ? Number(text) : undefined)

function pairs(name: string, numbers: readonly (number | undefined)[]): Part[] {
  const parts: Part[] = []
  for (let n = 0; n < numbers.length; n += 2) {
    const [offset = NaN, length = NaN] = numbers.slice(n, n + 2)
    if (!(offset >= 0 && length >= 0 && Number.isSafeInteger(offset + length)))
      throw badEntry(name, 'its map of holes has something that is no number in it')
    parts.push({ offset, length })
  }
  if (parts.length > PARTS) throw badLayer(`its entry "${name}" has more than ${PARTS} holes`)
  return parts
}
