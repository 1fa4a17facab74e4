/** Files that may not be there, or not be ours; and files that somebody reads while they are written. */
import {
  accessSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { hasCode } from './error-code.ts'

/** @returns nothing, of a file that is not there, or has just gone. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (existsSync(path)) throw error
    return ''
  }
}

/** @returns so many bytes, or as many as there are. */
export function firstBytes(path: string, count: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const start = Buffer.alloc(count)
    return start.subarray(0, readSync(file, start, 0, count, 0))
  } finally {
    closeSync(file)
  }
}

/** write(2) may take less than it was given. @param offset in the file; without one, where it stands. */
export function writeAll(fd: number, bytes: Uint8Array, offset?: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(fd, bytes, done, bytes.length - done, offset === undefined ? null : offset + done)
}

/** access(2). @param mode of `fs.constants`: R_OK, W_OK, X_OK. */
export function mayAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** Written beside, then renamed: whoever reads finds the old file or the new one, and never half of one. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, text, { mode })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Drafts of `NAME.json` whose writer did not live to put them in place. */
export function removeDrafts(directory: string): void {
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const writer = /\.json\.(\d+)$/.exec(name)?.[1]
    if (writer !== undefined && !existsSync(`/proc/${writer}`)) rmSync(join(directory, name), { force: true })
  }
}

/** A directory stays when there is something in it. */
export function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error
  }
}
