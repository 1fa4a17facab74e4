/**
 * A container's directory appears whole, and goes whole: it is filled and emptied under a name that no container can have, `web-1~4711`, and rename(2)
 * does the rest. What somebody who was killed has left under such a name the next one sweeps away.
 */
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { hasCode } from '../kernel/error-code.ts'
import { isAlive, processId } from '../kernel/proc.ts'

// #region directory
/** Whoever comes first has the name. @throws Error when somebody else has it. @returns the container's directory. */
export function takeDirectory(root: string, id: string, fill: (draft: string) => void): string {
  const [directory, draft] = [join(root, id), draftOf(root, id)]
  fs.mkdirSync(root, { recursive: true, mode: 0o700 })
  sweepDrafts(root)
  refuseTaken(directory)
  fs.mkdirSync(draft, { mode: 0o700 })
  try {
    fill(draft)
    fs.renameSync(draft, directory)
    return directory
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    if (hasCode(error, 'EEXIST', 'ENOTEMPTY')) throw taken(id, error)
    throw error
  }
}

export function removeDirectory(root: string, id: string): void {
  const draft = draftOf(root, id)
  try {
    fs.renameSync(join(root, id), draft)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  fs.rmSync(draft, { recursive: true, force: true })
}

export function sweepDrafts(root: string): void {
  const names = fs.existsSync(root) ? fs.readdirSync(root) : []
  const isDead = (name: string): boolean => !isAlive(processId(Number(name.split('~')[1])))
  for (const name of names.filter((one) => one.includes('~') && isDead(one)))
    fs.rmSync(join(root, name), { recursive: true, force: true })
}

const draftOf = (root: string, id: string): string => join(root, `${id}~${process.pid}`)

/** @throws Error when there is a container in that directory. */
export function refuseTaken(directory: string): void {
  if (fs.existsSync(directory)) throw taken(basename(directory))
}

// #endregion directory

const taken = (id: string, cause?: unknown): Error =>
  new Error(
    `Cannot create container "${id}": container with given ID already exists\n  Choose another name, or delete that one: boxwright-runc delete ${id}`,
    { cause },
  )
