/**
 * Uploads that have begun. Their bytes are among the drafts of the store, where nobody finds them before they have a digest; `uploads/ID` says of which
 * repository each is, so that a client goes on when this server has been ended, or killed, and started again.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Content } from '../../content/content.ts'
import type { Writer } from '../../content/ingest.ts'
import { replaceFile } from '../../kernel/file.ts'
import { Refusal } from './refusal.ts'

export interface Upload {
  id: string
  /** Of the repository. */
  name: string
  writer: Writer
  /** Somebody's bytes are coming in. */
  isBusy: boolean
}

/** Nobody comes back after an hour. distribution-spec, "Cancel a blob upload". */
const FORGOTTEN_MS = 3_600_000

export class Uploads {
  readonly #directory: string
  readonly #content: Content
  readonly #open = new Map<string, Promise<Upload>>()

  /** @param directory made when it is not there. */
  constructor(directory: string, content: Content) {
    this.#directory = directory
    this.#content = content
    mkdirSync(directory, { recursive: true })
  }

  // #region uploads
  async begin(name: string): Promise<Upload> {
    await this.#forget()
    const id = randomUUID()
    replaceFile(this.#file(id), name)
    return this.#opened(id)
  }

  /** Whichever server it has begun with. @throws Refusal */
  async find(name: string, id: string): Promise<Upload> {
    if (!this.#ids().includes(id) || this.#nameOf(id) !== name) throw new Refusal('BLOB_UPLOAD_UNKNOWN', id)
    const now = new Date()
    utimesSync(this.#file(id), now, now)
    return this.#opened(id)
  }

  has = ({ id }: Upload): boolean => this.#open.has(id)

  /** It has become a blob, or never will. */
  async end({ id, writer }: Upload): Promise<void> {
    rmSync(this.#file(id), { force: true })
    this.#open.delete(id)
    await writer.abort()
  }
  // #endregion uploads

  /** Its writer stays open, so that a hash goes on where it was. */
  #opened(id: string): Promise<Upload> {
    const open = this.#open.get(id) ?? this.#reopen(id)
    this.#open.set(id, open)
    return open
  }

  async #reopen(id: string): Promise<Upload> {
    try {
      return { id, name: this.#nameOf(id), writer: await this.#content.write(`upload-${id}`), isBusy: false }
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  async #forget(): Promise<void> {
    for (const id of this.#ids()) {
      const { mtimeMs = Infinity } = statSync(this.#file(id), { throwIfNoEntry: false }) ?? {}
      if (mtimeMs >= Date.now() - FORGOTTEN_MS) continue
      const upload = await this.#opened(id)
      if (!upload.isBusy) await this.end(upload)
    }
  }

  /** What has come stays. */
  async closeAll(): Promise<void> {
    for (const upload of this.#open.values()) await (await upload).writer.close()
  }

  #ids = (): string[] => readdirSync(this.#directory)
  #file = (id: string): string => join(this.#directory, id)
  #nameOf = (id: string): string => readFileSync(this.#file(id), 'utf8')
}
