/** What a layer says to be gone: deleted, or, in an upper directory of overlay's, said again in overlay's own form. */
import { constants, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { inode } from './inode.ts'
import { childOf, parentOf, pathOf, type Name } from './names.ts'
import type { Time } from './time.ts'
import { enter, isInOpaque, isWhiteout, needLower, setOpaque, setTime, type Tree } from './tree.ts'

// #region hide
/** A whiteout is about lower layers: of what this layer has brought itself, only what it would be merged with goes. */
export function hide(tree: Tree, name: Name, time: Time): void {
  if (tree.seen.has(name)) {
    if (isDirectory(name)) hideBelow(tree, name, time)
    return
  }
  const directory = parentOf(name)
  if (tree.overlay ? isInOpaque(tree, directory) : !leadsToDirectory(directory)) return
  needLower(tree, name) // where there is nothing to merge with, overlay would list the mark
  enter(tree, directory, time)
  if (tree.overlay) makeWhiteout(name)
  else remove(name)
}

/** Opaque: all that lower layers have in this directory is gone. */
export function hideBelow(tree: Tree, directory: Name, time: Time): void {
  enter(tree, directory, time)
  if (tree.overlay) {
    setOpaque(tree, directory)
    removeWhiteouts(tree, directory, time)
  } else hideChildren(tree, directory, time)
}
// #endregion hide

/** Overlay lists what stands for something gone as if it were a file, where it has nothing to merge a directory with: so none is left there. */
function removeWhiteouts(tree: Tree, directory: Name, time: Time): void {
  for (const base of readdirSync(pathOf(directory), 'latin1')) {
    const child = childOf(directory, base)
    const stats = lstatSync(pathOf(child))
    if (stats.isDirectory()) removeWhiteouts(tree, child, time)
    else if (isWhiteout(stats)) {
      enter(tree, directory, time)
      remove(child)
    }
  }
}

function hideChildren(tree: Tree, directory: Name, time: Time): void {
  for (const base of readdirSync(pathOf(directory), 'latin1')) {
    const child = childOf(directory, base)
    if (!tree.seen.has(child)) remove(child)
    else if (isDirectory(child)) hideBelow(tree, child, time)
    enter(tree, directory, time)
  }
}

// #region remove
/** With all that is in it; of a link, the link. */
export const remove = (name: Name): void => rmSync(pathOf(name), { recursive: true, force: true })
// #endregion remove

/** Anybody may make this one device: mknod(2), since Linux 5.8 without a right to. */
function makeWhiteout(name: Name): void {
  try {
    inode().mknod(pathOf(name), constants.S_IFCHR, 0, 0)
    setTime(name, { seconds: 0, nanoseconds: 0 }) // the same layer makes the same tree
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

const isDirectory = (name: Name): boolean => lstatSync(pathOf(name), { throwIfNoEntry: false })?.isDirectory() === true

const leadsToDirectory = (name: Name): boolean =>
  statSync(pathOf(name), { throwIfNoEntry: false })?.isDirectory() === true
