/**
 * The way in. What arrives is written beside, and hashed as it is written; only what has turned out to be what it was said to be is given its name, by
 * one rename(2), when it is on the disk. What was interrupted goes on where it ended.
 */
import type { Hash } from 'node:crypto'
import { chmodSync, constants, renameSync, rmSync, utimes } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { countGarbage } from '../kernel/garbage.ts'
import { algorithmOf, digestFrom, hasherOf, type Digest } from '../oci/digest.ts'
import { remember, type BlobRow, type Inside } from './inside.ts'
import type { Labels } from './labels.ts'
import { letGo, SIGN_OF_LIFE, type Owner } from './owner.ts'
import { syncDirectory } from './places.ts'
import { asNoRoom } from './room.ts'
import { isOurTurn, takenOver, takeTurn, type Expected, type IngestRow } from './turn.ts'

// #region writer
export interface Writer {
  readonly ref: string
  /** As many bytes are there already: all of them, when somebody else has brought the thing meanwhile. */
  readonly offset: number
  /** One after the other. */
  write(chunk: Uint8Array): Promise<void>
  /** @throws when it is not what was asked for: what is too short stays, to be gone on with, and all else is thrown away. */
  commit(digest: Digest, size?: number, labels?: Labels): Promise<void>
  /** What has been written is thrown away. */
  abort(): Promise<void>
  /** What has been written stays, and the next writer of this ref goes on from there. */
  close(): Promise<void>
}
// #endregion writer

export async function openWriter(inside: Inside, ref: string, expected: Expected): Promise<Writer> {
  const turn = await takeTurn(inside, ref, expected)
  if (turn.kind === 'there') return whole(inside, ref, turn.size)
  const part = new Part(inside, ref, expected, turn.owner)
  await part.begin(turn.resumes)
  return part
}

/** There is nothing left to do for whoever wants to write what is there, but to say something of it. */
function whole({ metadata }: Inside, ref: string, offset: number): Writer {
  const nothing = (): Promise<void> => Promise.resolve()
  const write = (): Promise<void> => Promise.reject(new RangeError(`Cannot write "${ref}": all of it is there`))
  const commit: Writer['commit'] = async (digest, _size, labels = {}) => {
    await nothing()
    metadata.change(() => remember(metadata.table<BlobRow>('blob'), digest, labels))
  }
  return { ref, offset, write, commit, abort: nothing, close: nothing }
}

/** What has come is something else, or more. */
export class Spoiled extends Error {
  override readonly name = 'Spoiled'
}

const MEBIBYTE = 2 ** 20

class Part implements Writer {
  readonly ref: string
  offset = 0
  readonly #inside: Inside
  readonly #expected: Expected
  readonly #owner: Owner
  readonly #path: string
  #hash: Hash
  #file: FileHandle | undefined
  #fault: Error | undefined
  readonly #pulse: NodeJS.Timeout

  constructor(inside: Inside, ref: string, expected: Expected, owner: Owner) {
    this.ref = ref
    this.#inside = inside
    this.#expected = expected
    this.#owner = owner
    this.#path = inside.places.part(ref)
    this.#hash = this.#newHash()
    this.#pulse = setInterval(() => this.#beat(), SIGN_OF_LIFE).unref()
  }

  #beat(): void {
    const now = new Date()
    utimes(this.#path, now, now, () => undefined)
  }

  // #region begin
  /** The state of a hash cannot be kept: what is there is read, and hashed, once more. */
  async begin(resumes: boolean): Promise<void> {
    try {
      this.#file = await open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600)
      if (resumes) await this.#hashPresent(this.#file)
      if (!resumes || this.offset > this.#most) await this.#restart(this.#file)
    } catch (error) {
      await this.close()
      throw asNoRoom(error, this.#inside.directory)
    }
  }

  async #hashPresent(file: FileHandle): Promise<void> {
    const buffer = Buffer.allocUnsafe(MEBIBYTE)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, MEBIBYTE, this.offset)
      if (bytesRead === 0) return
      this.#hash.update(buffer.subarray(0, bytesRead))
      this.offset += bytesRead
    }
  }
  // #endregion begin

  async #restart(file: FileHandle): Promise<void> {
    await file.truncate(0)
    this.offset = 0
    this.#hash = this.#newHash()
  }

  // #region write
  /** It is hashed while it is on its way to the disk. */
  async write(chunk: Uint8Array): Promise<void> {
    const [file, position] = [this.#opened(), this.offset]
    if (position + chunk.length > this.#most) throw await this.#spoiled(`more than ${this.#most} bytes have come`)
    this.offset += chunk.length
    try {
      const written = writeAll(file, chunk, position)
      this.#hash.update(chunk)
      await written
      countGarbage(chunk.length)
    } catch (error) {
      this.#fault = asNoRoom(error, this.#inside.directory)
      throw this.#fault
    }
  }
  // #endregion write

  // #region commit
  async commit(digest: Digest, size = this.#expected.size, labels: Labels = {}): Promise<void> {
    const file = this.#opened()
    if (size !== undefined && this.offset < size) throw await this.#short(size)
    const found = await this.#digest(digest)
    if (found !== digest || this.offset !== (size ?? this.offset))
      throw await this.#spoiled(`it is ${found}, of ${this.offset} bytes, and ${digest} was wanted`)
    try {
      await file.datasync()
      this.#inside.metadata.change(() => this.#name(digest, labels))
    } catch (error) {
      throw asNoRoom(error, this.#inside.directory)
    } finally {
      await this.#end()
    }
  }

  /** Within a change, so that nobody collects it between one line and the next. */
  #name(digest: Digest, labels: Labels): void {
    const { metadata, places, leases } = this.#inside
    const { lease } = this.#expected
    if (!isOurTurn(this.#inside, this.ref, this.#owner)) throw takenOver(this.ref)
    if (lease !== undefined) leases.hold(lease, `content/${digest}`)
    chmodSync(this.#path, 0o444)
    renameSync(this.#path, places.blob(digest))
    syncDirectory(dirname(places.blob(digest)))
    remember(metadata.table<BlobRow>('blob'), digest, labels)
    this.#forget()
  }
  // #endregion commit

  async abort(): Promise<void> {
    if (!this.#file) return
    await this.#end(() => {
      if (!isOurTurn(this.#inside, this.ref, this.#owner)) return
      rmSync(this.#path, { force: true })
      this.#forget()
    })
  }

  close(): Promise<void> {
    return this.#end()
  }

  get #most(): number {
    return this.#expected.size ?? Infinity
  }

  #newHash(): Hash {
    return hasherOf(this.#expected.digest ?? 'sha256:')
  }

  #opened(): FileHandle {
    if (this.#fault) throw this.#fault
    if (this.#file) return this.#file
    throw new RangeError(`Cannot write "${this.ref}": its writer is closed`)
  }

  /** Who has not said which algorithm it would be may find that it was another. */
  async #digest(wanted: Digest): Promise<Digest> {
    if (algorithmOf(wanted) !== algorithmOf(this.#expected.digest ?? 'sha256:')) {
      this.#hash = hasherOf(wanted)
      this.offset = 0
      await this.#hashPresent(this.#opened())
    }
    return digestFrom(this.#hash.copy(), algorithmOf(wanted))
  }

  async #spoiled(fact: string): Promise<Error> {
    await this.abort()
    return new Spoiled(`Cannot keep "${this.ref}": ${fact}\n  What had come was thrown away`)
  }

  async #short(size: number): Promise<Error> {
    const { offset } = this
    await this.close()
    return new Error(
      `Cannot keep "${this.ref}": ${offset} bytes have come, and ${size} were wanted\n  They stay: go on from there`,
    )
  }

  #forget(): void {
    const { lease } = this.#expected
    this.#inside.metadata.table<IngestRow>('ingest').remove(this.ref)
    if (lease !== undefined) this.#inside.leases.release(lease, `ingest/${this.ref}`)
  }

  /** Ours until the last line. @param last is part of a change to the metadata. */
  async #end(last?: () => void): Promise<void> {
    const file = this.#file
    this.#file = undefined
    clearInterval(this.#pulse)
    try {
      await file?.close()
      if (last) this.#inside.metadata.change(last, { frees: true })
    } finally {
      letGo(this.#owner)
    }
  }
}

/** write(2) may take less than it was given. */
async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done)
    done += bytesWritten
  }
}
