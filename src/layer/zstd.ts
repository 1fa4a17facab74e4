/**
 * Zstandard, frame by frame (RFC 8878). Frames are told apart here, so that what a frame asks of memory is known before it is given, and nothing but
 * frames is taken; what is in one is read by Node where it can (from 22.15 on), by fzstd where it cannot.
 */
import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { pipeline, Readable, type Transform } from 'node:stream'
import { ByteReader } from './byte-reader.ts'
import { badLayer } from './layer-error.ts'

const MAGIC = 0xfd2fb528
/** Of frames that a reader skips: 16 numbers. */
const SKIPPED = 0x184d2a5

export const isFrame = (start: Buffer): boolean =>
  start.length >= 4 && (start.readUInt32LE(0) === MAGIC || isSkipped(start.readUInt32LE(0)))

const isSkipped = (magic: number): boolean => magic >>> 4 === SKIPPED

/** How far back a frame may refer, and so how much of it has to be kept: zstd(1) wants to be asked for more, too. */
const WINDOW = 1 << 27

// #region unzstd
/** @throws LayerError */
export async function* unzstd(blob: Readable): AsyncGenerator<Buffer, void, undefined> {
  const reader = new ByteReader(blob as AsyncIterable<Buffer>)
  for (let magic = await reader.take(4); magic.length > 0; magic = await reader.take(4)) {
    if (!isFrame(magic))
      throw badLayer(`there is no zstd frame where one should begin, at byte ${reader.position - magic.length}`)
    if (isSkipped(magic.readUInt32LE(0))) await skip(reader, (await exactly(reader, 4)).readUInt32LE(0))
    else yield* contentOf(frame(reader, magic))
  }
}
// #endregion unzstd

/** The bytes of one frame: header, blocks, checksum. RFC 8878 §3.1.1. */
async function* frame(reader: ByteReader, magic: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await exactly(reader, 1)
  const flags = descriptor.readUInt8(0)
  const fields = await exactly(reader, lengthOfFields(flags))
  if (flags & 3) throw badLayer('its zstd wants a dictionary, and no layer brings one')
  const window = windowOf(flags, fields)
  if (window > WINDOW) throw badLayer(`its zstd wants ${window} bytes of memory, and ${WINDOW} is the most`)
  yield Buffer.concat([magic, descriptor, fields])
  for (let last = false; !last;) {
    const header = await exactly(reader, 3)
    const bits = header.readUIntLE(0, 3)
    last = (bits & 1) === 1
    const isRun = ((bits >> 1) & 3) === 1 // one byte, that many times
    yield Buffer.concat([header, await exactly(reader, isRun ? 1 : bits >> 3)])
  }
  if (flags & 4) yield await exactly(reader, 4)
}

/** Window, dictionary, size of the content; §3.1.1.1 */
const lengthOfFields = (flags: number): number =>
  (isSingle(flags) ? 0 : 1) + ([0, 1, 2, 4][flags & 3] ?? 0) + sizeLength(flags)

/** All in one segment: the window is the whole content. */
const isSingle = (flags: number): boolean => (flags & 0x20) !== 0

const sizeLength = (flags: number): number => [isSingle(flags) ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0

function windowOf(flags: number, fields: Buffer): number {
  if (!isSingle(flags)) {
    const exponent = fields.readUInt8(0) >> 3
    return 2 ** (10 + exponent) * (1 + (fields.readUInt8(0) & 7) / 8)
  }
  const length = sizeLength(flags)
  if (length === 8) return Number(fields.readBigUInt64LE(fields.length - 8))
  return fields.readUIntLE(fields.length - length, length) + (length === 2 ? 256 : 0)
}

// #region content
async function* contentOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    if ('createZstdDecompress' in zlib) yield* byNode(bytes, zlib.createZstdDecompress as () => Transform)
    else yield* byFzstd(bytes)
  } catch (cause) {
    throw cause instanceof Error && cause.name === 'LayerError'
      ? cause
      : badLayer(`its zstd is damaged: ${(cause as Error).message}`, { cause })
  }
}
// #endregion content

async function* byNode(bytes: AsyncIterable<Buffer>, create: () => Transform): AsyncGenerator<Buffer> {
  yield* pipeline(Readable.from(bytes), create(), () => {}) as AsyncIterable<Buffer>
}

/** It hands over what a block has become as soon as it has the block. */
async function* byFzstd(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let ready: Buffer[] = []
  const decompress = new Decompress((data) => void ready.push(Buffer.from(data)))
  for await (const chunk of bytes) {
    decompress.push(chunk)
    yield* ready
    ready = []
  }
}

async function exactly(reader: ByteReader, count: number): Promise<Buffer> {
  const bytes = await reader.take(count)
  if (bytes.length < count) throw badLayer('it ends within a zstd frame')
  return bytes
}

async function skip(reader: ByteReader, count: number): Promise<void> {
  for (let left = count; left > 0;) {
    const { length } = await reader.some(left)
    if (length === 0) throw badLayer('it ends within a zstd frame')
    left -= length
  }
}
