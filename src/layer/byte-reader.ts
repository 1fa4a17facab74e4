/** Bytes that come in chunks of any size, taken in the pieces that a format is made of. */

const NOTHING = Buffer.alloc(0)

export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #chunk: Buffer = NOTHING
  #at = 0
  /** How many bytes have been taken. */
  position = 0

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** @returns so many bytes; fewer when there are no more. */
  async take(count: number): Promise<Buffer> {
    const first = count === 0 ? NOTHING : await this.some(count)
    if (first.length === count || first.length === 0) return first
    const pieces = [first]
    for (let missing = count - first.length; missing > 0;) {
      const piece = await this.some(missing)
      if (piece.length === 0) break
      pieces.push(piece)
      missing -= piece.length
    }
    return Buffer.concat(pieces)
  }

  /** @returns what is there, at most so many bytes; none at the end. */
  async some(most: number): Promise<Buffer> {
    while (this.#at === this.#chunk.length) {
      const next = await this.#chunks.next()
      if (next.done) return NOTHING
      this.#chunk = next.value
      this.#at = 0
    }
    const piece = this.#chunk.subarray(this.#at, this.#at + most)
    this.#at += piece.length
    this.position += piece.length
    return piece
  }
}
