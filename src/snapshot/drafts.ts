/**
 * Records of snapshots that are still written to, or looked at: a file each. Whoever has one of those is a process, or a container; a power cut ends both, so nothing
 * waits for the disk here, where a transaction would wait for it four times. They are written and removed inside transactions all the same, which keep everybody else out.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../kernel/error-code.ts'
import { readOrEmpty, replaceFile, writeAll } from '../kernel/file.ts'
import { digestOf, encodedOf } from '../oci/digest.ts'
import type { Stored } from './records.ts'

// #region drafts
export interface Drafts {
  get(name: string): Stored | undefined
  put(stored: Stored): void
  remove(name: string): void
  all(): Stored[]
  /** A number that nobody has had before: after a power cut the directories say which those are. */
  next(taken: (number: number) => boolean): number
  /** Away with what somebody was killed at, before it had its name: nobody else writes meanwhile. */
  sweep(): void
}

export function draftsIn(directory: string): Drafts {
  const fileOf = (name: string): string => join(directory, encodedOf(digestOf(name)))
  const number = `${directory}.number`
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  return {
    get: (name) => read(fileOf(name)),
    put: (stored) => replaceFile(fileOf(stored.name), JSON.stringify(stored)),
    remove: (name) => fs.rmSync(fileOf(name), { force: true }),
    all: () =>
      fs
        .readdirSync(directory)
        .filter(isWritten)
        .flatMap((name) => read(join(directory, name)) ?? []),
    next: (taken) => {
      let next = Number(readOrEmpty(number)) + 1
      while (taken(next)) next += 1
      overwrite(number, String(next))
      return next
    },
    sweep: () => {
      for (const name of fs.readdirSync(directory)) if (!isWritten(name)) fs.rmSync(join(directory, name))
    },
  }
}
// #endregion drafts

/** While it is written it has its writer's number behind its name: `replaceFile`. */
const isWritten = (name: string): boolean => !name.includes('.')

/** Numbers get no shorter. A file that takes another's place would be written to the disk at once: ext4(5), auto_da_alloc. */
function overwrite(path: string, number: string): void {
  const file = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_CREAT, 0o600)
  writeAll(file, Buffer.from(number), 0)
  fs.closeSync(file)
}

/** What a power cut has left of a file is no record. */
function read(path: string): Stored | undefined {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8')) as Stored
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
