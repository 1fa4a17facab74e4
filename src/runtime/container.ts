/**
 * A container as it is kept: a directory of its own below the root, for root alone, with `state.json` in it. Whatever is asked of a container later is
 * asked of that file and of the kernel; whoever made it may be long gone.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { isFrozen } from '../kernel/cgroup-freezer.ts'
import { hasCode } from '../kernel/error-code.ts'
import { membersOf } from '../kernel/cgroup-processes.ts'
import { replaceFile } from '../kernel/file.ts'
import { isAlive, processId, type ProcessId } from '../kernel/proc.ts'
import { readJson, writeJson } from '../oci/json.ts'
import type { Settings } from './settings.ts'

/** runtime-spec runtime.md §state; paused is runC's own. */
export type Status = 'creating' | 'created' | 'running' | 'paused' | 'stopped'

export interface StoredState {
  ociVersion: string
  id: string
  bundle: string
  rootfs: string
  /** ISO 8601. */
  created: string
  annotations: Record<string, string>
  /** Its first process, as the host counts, and when that was started: 0 until there is one. */
  pid: number
  startTime: number
  /** Who makes it, or has made it. */
  creator: ProcessId
  /** Absolute directories, one for each hierarchy. */
  cgroups: readonly string[]
  /** Those on the way to them that were made for it, the lowest first. */
  parents: readonly string[]
  /** Without mounts of its own: those below its root that were there before, by their numbers. */
  others?: readonly number[]
  /** Its processes have the session keyring of whoever starts them: --no-new-keyring. */
  keepsKeyring?: boolean
  /** In words, what is still to be done when it is started. */
  ahead: readonly string[]
  /** The number of the first of them in the plan. */
  threshold: number
  /** `config.json` as it was read. */
  config: unknown
}

// #region load
export class Container {
  readonly directory: string
  state: StoredState

  constructor(directory: string, state: StoredState) {
    this.directory = directory
    this.state = state
  }

  path(name: 'state.json' | 'pid' | 'exec.fifo' | 'answer.fifo' | 'words'): string {
    return join(this.directory, name)
  }

  /** Not synced: no container outlives a loss of power. */
  save(change: Partial<StoredState> = {}): void {
    this.state = { ...this.state, ...change }
    replaceFile(this.path('state.json'), writeJson(this.state))
  }

  /** Its first process. The launcher notes the number before it lets the box go: so it is known, should whoever made it have died right then. */
  get first(): ProcessId | undefined {
    const { pid, startTime, cgroups } = this.state
    if (pid > 0) return { pid, started: startTime }
    const noted = Number(readIfThere(this.path('pid')) ?? 0)
    const isOurs = noted > 0 && cgroups.every((directory) => membersOf(directory).includes(noted))
    return isOurs ? processId(noted) : undefined
  }
  // #endregion load

  // #region status
  get status(): Status {
    const { first } = this
    if (!first && isAlive(this.state.creator)) return 'creating'
    if (!isAlive(first)) return 'stopped'
    if (isFrozen(this.state.cgroups)) return 'paused'
    return isWaiting(this.path('exec.fifo')) ? 'created' : 'running'
  }
}

/** Somebody holds the other end of the fifo, to read, and that is the box that has not become its command yet: fifo(7). */
function isWaiting(fifo: string): boolean {
  try {
    fs.closeSync(fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK))
    return true
  } catch (error) {
    if (!hasCode(error, 'ENXIO', 'ENOENT')) throw error
    return false
  }
}
// #endregion status

/** @throws Error when there is none of that name. */
export function load({ root }: Pick<Settings, 'root'>, id: string): Container {
  const directory = join(root, parseId(id))
  const text = readIfThere(join(directory, 'state.json'))
  if (text !== undefined && /^\0*$/.test(text)) throw new StateLost(id)
  if (text !== undefined) return new Container(directory, readJson(text) as StoredState)
  throw new NoContainer(
    `Cannot find container "${id}": container does not exist\n  See which there are: boxwright-runc list`,
  )
}

/** There is none of that name. */
export class NoContainer extends Error {
  override readonly name = 'NoContainer'
}

/** A directory is there, on a disk, and what was written in it has not come that far before the machine lost its power. */
export class StateLost extends Error {
  override readonly name = 'StateLost'

  constructor(id: string) {
    super(
      `Cannot read the state of container "${id}": it is empty, as after a loss of power, which has ended the container\n  Delete what is left: boxwright-runc delete --force ${id}`,
    )
  }
}

// #region id
/** A name for a directory, and no way out of it. @throws RangeError saying what is so. */
export function parseId(id: string): string {
  const fact =
    id === ''
      ? 'it is empty'
      : id.length > 1024
        ? `it has ${id.length} characters, and 1024 is the most`
        : !/^[\w+.-]+$/.test(id) || id === '.' || id === '..'
          ? 'invalid container ID format: letters, digits and _ + - . are allowed'
          : undefined
  if (fact === undefined) return id
  throw new RangeError(
    `Cannot use "${id.slice(0, 80)}" as a container's name: ${fact}\n  Choose another, such as web-1`,
  )
}
// #endregion id

export function readIfThere(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error
    return undefined
  }
}
