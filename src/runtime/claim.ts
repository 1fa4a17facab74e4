/**
 * What must happen once, though several ask for it at the same moment: whoever makes the file first has claimed it. A claim holds as long as its
 * owner lives.
 */
import * as fs from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { isAlive, processId, type ProcessId } from '../kernel/proc.ts'
import { readIfThere } from './container.ts'

// #region claim
/** @returns a claim, given up when it is disposed of; nothing when somebody who is alive has it. */
export function claim(path: string): Disposable | undefined {
  const own = `${path}.${process.pid}`
  if (!isWritten(own)) return undefined
  try {
    return take(own, path) || (isAbandoned(path) && take(own, path))
      ? { [Symbol.dispose]: () => giveUp(path) }
      : undefined
  } finally {
    fs.rmSync(own, { force: true })
  }
}

/** Where the directory has gone there is nothing to be claimed any more. */
function isWritten(own: string): boolean {
  try {
    fs.writeFileSync(own, JSON.stringify(processId(process.pid)), { mode: 0o600 })
    return true
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    return false
  }
}

/** link(2) makes the name and what is in it at once, and never a second time. Here, too, the directory may have gone. */
function take(own: string, path: string): boolean {
  try {
    fs.linkSync(own, path)
    return true
  } catch (error) {
    if (!hasCode(error, 'EEXIST', 'ENOENT')) throw error
    return false
  }
}
// #endregion claim

/** The claim of somebody dead is put aside by one alone: rename(2) finds it once. What turns out to be somebody else's new claim is put back. */
function isAbandoned(path: string): boolean {
  const aside = `${path}.${process.pid}.aside`
  if (isHeld(path)) return false
  try {
    fs.renameSync(path, aside)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    return true
  }
  if (isHeld(aside)) take(aside, path)
  fs.rmSync(aside)
  return true
}

function isHeld(path: string): boolean {
  const text = readIfThere(path)
  return text !== undefined && isAlive(JSON.parse(text) as ProcessId)
}

const giveUp = (path: string): void => fs.rmSync(path, { force: true })
