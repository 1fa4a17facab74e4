/** Takes away an empty file that something was mounted on. Whoever made the root file system may have put links in the way: none is followed. */
import { closeSync, constants, lstatSync, openSync, unlinkSync } from 'node:fs'
import { relative } from 'node:path'
import { O_PATH } from './constants.ts'

const { O_DIRECTORY, O_NOFOLLOW } = constants

// #region unlink
/** @param path below `root`. Anything else than an empty file there stays. @throws NodeJS.ErrnoException */
export function unlinkEmpty(path: string, root: string): void {
  const names = relative(root, path).split('/')
  const last = names.pop() ?? ''
  if (names.includes('..') || last === '..' || last === '') return
  const directory = names.reduce(stepInto, openSync(root, O_PATH | O_DIRECTORY))
  try {
    const file = `/proc/self/fd/${directory}/${last}`
    const stats = lstatSync(file, { throwIfNoEntry: false })
    if (stats?.isFile() && stats.size === 0) unlinkSync(file)
  } finally {
    closeSync(directory)
  }
}
// #endregion unlink

/** open(2), O_NOFOLLOW: a link in the place of the directory gives ENOTDIR. */
function stepInto(directory: number, name: string): number {
  try {
    return openSync(`/proc/self/fd/${directory}/${name}`, O_PATH | O_DIRECTORY | O_NOFOLLOW)
  } finally {
    closeSync(directory)
  }
}
