/**
 * The process that unpacks a layer: started by apply.ts, with the blob as its standard input. When it has loaded all that it needs, the tree becomes its
 * root: chroot(2), lesson 1's call. From then on there is no name for anything outside. What came of it is one line of JSON on standard output.
 */
import { createHash, type Hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { countGarbage } from '../kernel/garbage.ts'
import { ByteReader } from './byte-reader.ts'
import { decompressed, openBlob } from './compression.ts'
import { inode } from './inode.ts'
import { badEntry, badLayer, LayerError, LowerNeeded, reasonOf } from './layer-error.ts'
import { readNumbers } from './numbers.ts'
import { place } from './place.ts'
import { readTar, type Entry } from './tar-read.ts'
import { leave, openTree, type Tree } from './tree.ts'

export interface Request {
  target: string
  overlay: boolean
  /** It is above others, which are not to be seen. */
  alone: boolean
  /** `sha256`, or another that Node knows. */
  algorithm: string
  /** The most bytes that the layer may unpack to, and the most entries. */
  size: number
  entries: number
}

export interface Answer {
  digest: string
  size: number
  entries: number
  skipped: string[]
  /** The layer has an entry for the root itself. */
  root: boolean
}

// #region unpack
async function unpack(request: Request): Promise<Answer> {
  const tree = openTree(request, readNumbers())
  process.umask(0)
  inode().chroot(Buffer.from(request.target))
  const bytes = new Measured(decompressed(openBlob(0)), request)
  let [entries, size] = [0, 0]
  for await (const entry of readTar(new ByteReader(bytes))) {
    size += entry.size // with its holes
    if (size > request.size) throw tooLarge(request.size)
    if (++entries > request.entries) throw badLayer(`it has more than ${request.entries} entries`)
    await placeWell(tree, entry)
  }
  leave(tree)
  return { digest: bytes.digest(), size: bytes.size, entries, skipped: tree.skipped, root: tree.root }
}
// #endregion unpack

// #region measured
/** What a layer is known by is the digest of what it unpacks to: its diffID. image-spec, config.md §layer-diffid. */
class Measured implements AsyncIterable<Buffer> {
  readonly #chunks: AsyncIterable<Buffer>
  readonly #request: Request
  readonly #hash: Hash
  size = 0

  constructor(chunks: AsyncIterable<Buffer>, request: Request) {
    this.#chunks = chunks
    this.#request = request
    this.#hash = createHash(request.algorithm)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const chunk of this.#chunks) {
      this.size += chunk.length
      if (this.size > this.#request.size) throw tooLarge(this.#request.size)
      this.#hash.update(chunk)
      countGarbage(chunk.length)
      yield chunk
    }
  }

  digest(): string {
    return `${this.#request.algorithm}:${this.#hash.digest('hex')}`
  }
}
// #endregion measured

const tooLarge = (most: number): Error => badLayer(`it unpacks to more than ${most} bytes, the most that it may`)

async function placeWell(tree: Tree, entry: Entry): Promise<void> {
  try {
    await place(tree, entry)
  } catch (error) {
    if (error instanceof LayerError || error instanceof LowerNeeded) throw error
    throw badEntry(entry.name, reasonOf(error), { cause: error })
  }
}

try {
  const answer = await unpack(JSON.parse(process.argv[2] ?? '') as Request)
  writeSync(1, JSON.stringify(answer))
} catch (error) {
  const [kind, said] = error instanceof Error ? [error.name, error.message] : ['', String(error)]
  writeSync(1, JSON.stringify({ refused: said, kind }))
}
process.exit() // whatever of the blob is still being read
