/** A layer's blob is a tar archive, most often compressed: what it is its first bytes tell, whatever it is called. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { pipeline, type Readable } from 'node:stream'
import { badLayer } from './layer-error.ts'
import { isFrame, unzstd } from './zstd.ts'

// #region decompress
type Compression = 'none' | 'gzip' | 'zstd'

/** By magic: RFC 1952, RFC 8878. @throws LayerError for one that no image has: the layer was made for another program, or spoilt. */
function compressionOf(start: Buffer): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip'
  if (isFrame(start)) return 'zstd'
  const other = OTHERS.find(([, magic]) => start.toString('latin1', 0, magic.length) === magic)
  if (other) throw badLayer(`it is compressed by ${other[0]}, and a layer is by gzip or zstd, or not at all`)
  return 'none'
}

/** Estargz is gzip, zstd:chunked is zstd: what they have besides is for readers that do not want the whole. */
export async function* decompressed(blob: Readable): AsyncGenerator<Buffer, void, undefined> {
  const start = await startOf(blob)
  const compression = compressionOf(start)
  if (compression === 'gzip') yield* gunzip(blob)
  else if (compression === 'zstd') yield* unzstd(blob)
  else yield* blob as AsyncIterable<Buffer>
}
// #endregion decompress

const OTHERS = [
  ['xz', '\xfd7zXZ\0'],
  ['bzip2', 'BZh'],
  ['lz4', '\x04"M\x18'],
  ['compress', '\x1f\x9d'],
] as const

/** Large enough that few turns are made, small enough that several layers at once fit in memory. */
const CHUNK = 256 << 10

export const openBlob = (fd: number): Readable => createReadStream('', { fd, highWaterMark: CHUNK })

async function startOf(blob: Readable): Promise<Buffer> {
  for await (const chunk of blob.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    blob.unshift(chunk)
    return chunk
  }
  throw badLayer('it is empty')
}

/** Members one after the other are one stream; anything else behind a member is refused: gzip(1), zlib. */
async function* gunzip(blob: Readable): AsyncGenerator<Buffer> {
  const stream = pipeline(blob, createGunzip({ chunkSize: CHUNK }), () => {}) // the error is thrown to who reads
  try {
    yield* stream as AsyncIterable<Buffer>
  } catch (cause) {
    throw badLayer(`its gzip is damaged: ${(cause as Error).message}`, { cause })
  }
}
