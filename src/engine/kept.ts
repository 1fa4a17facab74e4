/**
 * Containers of images as they are kept: a directory each, which is a bundle, with what they were made of beside it. They stay when they have ended, since
 * what they have written may be wanted.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../kernel/error-code.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Undo } from '../plan/plan.ts'
import { readOrEmpty, replaceFile } from '../kernel/file.ts'
import type { Owner } from '../content/owner.ts'

// #region kept
export interface Kept extends Begun {
  id: string
  name: string
  /** As it was asked for, and the configuration and the manifest that it stood for. */
  image: string
  config: Digest
  target: Descriptor
  /** Of the snapshotter of that name, the snapshot that it writes to. */
  snapshotter: string
  snapshot: string
  args: string[]
  /** ISO 8601. */
  created: string
  /** It goes with its end. */
  removes: boolean
  /** Directories of its own that are not in its root file system. */
  volumes: string[]
  /** When it has ended: ISO 8601. */
  ended?: string
  exitCode?: number
}

/** What is another each time that it is started. */
export interface Begun {
  /** Who waits for it. */
  maker: Owner
  /** What takes away its way out of its network. */
  network?: Undo
  /** When it was started last: ISO 8601. */
  started?: string
}
// #endregion kept

export class Shelf {
  readonly directory: string

  constructor(data: string) {
    this.directory = join(data, 'containers')
  }

  bundle(id: string): string {
    return join(this.directory, id)
  }

  /** The exit status of its command is there, when that has ended. */
  status(id: string): string {
    return join(this.bundle(id), 'status')
  }

  /** What a command has said that was left alone. */
  log(id: string): string {
    return join(this.bundle(id), 'log')
  }

  // #region keep
  /** The name is taken with the record: link(2) makes it once. @throws Error when somebody else has it. */
  take(kept: Kept): string {
    const bundle = this.bundle(kept.id)
    fs.mkdirSync(join(this.directory, 'names'), { recursive: true, mode: 0o700 })
    fs.mkdirSync(join(bundle, 'rootfs'), { recursive: true, mode: 0o700 })
    this.save(kept)
    try {
      fs.symlinkSync(`../${kept.id}`, this.#named(kept.name))
    } catch (error) {
      fs.rmSync(bundle, { recursive: true })
      if (!hasCode(error, 'EEXIST')) throw error
      throw new Error(
        `Cannot call the container "${kept.name}": there is one of that name\n  Take another name, or remove that one: boxwright rm ${kept.name}`,
        { cause: error },
      )
    }
    return bundle
  }

  save(kept: Kept): void {
    replaceFile(this.#record(kept.id), JSON.stringify(kept))
  }

  /** What changes with each start, in a file of its own: a file that takes another's place is written to the disk at once, and who removes it waits for that. ext4(5), auto_da_alloc. */
  note({ id, maker, network, started }: Kept): void {
    replaceFile(this.#begun(id), JSON.stringify({ maker, network, started }))
  }

  end({ id }: Kept, exitCode: number): void {
    replaceFile(this.status(id), `${exitCode}\n`)
  }

  /** Of life: whoever is in another PID namespace sees nothing else of us. */
  giveSign({ id }: Kept): void {
    const now = new Date()
    fs.utimesSync(this.#record(id), now, now)
  }

  /** When the last one was given. */
  signOf({ id }: Kept): number {
    return fs.statSync(this.#record(id), { throwIfNoEntry: false })?.mtimeMs ?? 0
  }

  /** As it is now; nothing when it has gone. */
  again({ id }: Kept): Kept | undefined {
    return this.#read(id)
  }

  drop({ id, name }: Kept): void {
    fs.rmSync(this.#named(name), { force: true })
    fs.rmSync(this.bundle(id), { recursive: true, force: true })
  }
  // #endregion keep

  /** What those have left who were killed before there was a record, or after it had gone. While nobody takes anything. */
  sweep(): void {
    for (const id of this.#ids()) if (!this.#read(id)) fs.rmSync(this.bundle(id), { recursive: true, force: true })
  }

  all(): Kept[] {
    return this.#ids()
      .flatMap((id) => this.#read(id) ?? [])
      .sort((one, other) => (one.created < other.created ? 1 : -1))
  }

  /** By name, by id, or by the beginning of an id that no other begins with. @throws Error */
  find(word: string): Kept {
    const all = this.all()
    const exact = all.find(({ id, name }) => id === word || name === word)
    const begun = word.length > 0 ? all.filter(({ id }) => id.startsWith(word)) : []
    const found = exact ?? (begun.length === 1 ? begun[0] : undefined)
    if (found) return found
    const fact = begun.length > 1 ? `${begun.length} begin with that` : 'there is none of that name'
    throw new Error(`Cannot find container "${word}": ${fact}\n  See which there are: boxwright ps`)
  }

  #ids(): string[] {
    return fs.existsSync(this.directory) ? fs.readdirSync(this.directory).filter((name) => name !== 'names') : []
  }

  #read(id: string): Kept | undefined {
    try {
      const kept = JSON.parse(fs.readFileSync(this.#record(id), 'utf8')) as Kept
      const begun = JSON.parse(readOrEmpty(this.#begun(id)) || '{}') as Partial<Begun>
      return { ...kept, ...begun, ...this.#endOf(id) }
    } catch (error) {
      const isNone = hasCode(error, 'ENOENT', 'ENOTDIR')
      if (isNone || error instanceof SyntaxError) return undefined // or what a power cut has left of one
      throw error
    }
  }

  #endOf(id: string): Pick<Kept, 'exitCode' | 'ended'> {
    const text = readOrEmpty(this.status(id))
    if (text === '') return {}
    const ended = fs.statSync(this.status(id), { throwIfNoEntry: false })?.mtime ?? new Date()
    return { exitCode: Number(text), ended: ended.toISOString() }
  }

  #record(id: string): string {
    return join(this.bundle(id), 'container.json')
  }

  #begun(id: string): string {
    return join(this.bundle(id), 'begun.json')
  }

  #named(name: string): string {
    return join(this.directory, 'names', name)
  }
}
