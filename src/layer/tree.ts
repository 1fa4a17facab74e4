/**
 * The tree that a layer is unpacked into, seen from inside: its root is this process's root, so that whatever a name or a link says, it stays in the
 * tree. What is there already is never opened and never written to: it is replaced.
 */
import { lstatSync, mkdirSync, readlinkSync, rmSync, statSync, type Stats } from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { inode } from './inode.ts'
import { badEntry, LowerNeeded } from './layer-error.ts'
import { childOf, clean, parentOf, pathOf, show, type Name } from './names.ts'
import type { Numbers } from './numbers.ts'
import { Seen } from './seen.ts'
import { timeOf, type Time } from './time.ts'
import { OPAQUE_XATTRS } from './whiteout.ts'

export interface Tree {
  /** One of overlay's upper directories: what is gone is said as overlay says it. Otherwise what is gone is deleted. */
  overlay: boolean
  /** Lower layers are not to be seen: what would need them is not done. */
  alone: boolean
  numbers: Numbers
  seen: Seen
  /** Directories that overlay merges with nothing. */
  opaque: Set<Name>
  /** The layer has said what the root looks like. */
  root: boolean
  /** What could not be had here, in words: the first of it. */
  skipped: string[]
  /** The directory that something is being put into, and the time that it is to have afterwards. */
  here: { directory: Name; time: Time } | undefined
}

export const openTree = (form: Pick<Tree, 'overlay' | 'alone'>, numbers: Numbers): Tree => ({
  overlay: form.overlay,
  alone: form.alone,
  numbers,
  seen: new Seen(),
  opaque: new Set(),
  root: false,
  skipped: [],
  here: undefined,
})

/** A layer may be full of it: so many are enough for a person. */
const SKIPPED = 100

export function skip({ skipped }: Tree, what: string): void {
  if (skipped.length < SKIPPED) skipped.push(what)
}

// #region enter
/** Whatever is put into a directory changes its time: so that is looked at first, and put back when somebody turns to another directory. */
export function enter(tree: Tree, directory: Name, time: Time): void {
  if (tree.here?.directory === directory) return
  leave(tree)
  const found = timeAt(directory) ?? made(tree, directory, time)
  tree.here = { directory, time: found }
}

export function leave(tree: Tree): void {
  const { here } = tree
  tree.here = undefined
  if (here) setTime(`${here.directory}/.`, here.time) // the dot: of a link to a directory, the directory is meant
}
// #endregion enter

/** @throws LowerNeeded where it cannot be seen. */
export function needLower({ alone }: Tree, name: Name): void {
  if (alone) throw new LowerNeeded(`Cannot unpack ${show(name)} by itself: it needs what is below it`)
}

export const setTime = (name: Name, { seconds, nanoseconds }: Time): void =>
  inode().utimensat(pathOf(name), seconds, nanoseconds)

/** @returns none when nothing has that name, or what has it is no directory. */
function timeAt(directory: Name): Time | undefined {
  const stats = statSync(pathOf(directory), { bigint: true, throwIfNoEntry: false })
  return stats?.isDirectory() ? timeOf(stats) : undefined
}

/** No entry has spoken of it: it is as old as what is put into it, so that the same layer makes the same tree. @returns its time. */
function made(tree: Tree, directory: Name, time: Time): Time {
  needLower(tree, directory)
  enter(tree, parentOf(directory), time)
  try {
    mkdirSync(pathOf(directory), 0o755)
    setTime(directory, time)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    makeBehind(tree, directory, time)
  }
  leave(tree)
  const found = timeAt(directory)
  if (found === undefined) throw badEntry(directory, 'it is a link that leads nowhere, and used as a directory')
  return found
}

/** Something has its name, and is no directory: a link that leads nowhere yet, or what stands for something gone. */
function makeBehind(tree: Tree, directory: Name, time: Time): void {
  const stats = lstatSync(pathOf(directory))
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(pathOf(directory), 'latin1')
    enter(tree, clean(target.startsWith('/') ? target : childOf(parentOf(directory), target)), time)
  } else if (tree.overlay && isWhiteout(stats)) {
    rmSync(pathOf(directory))
    mkdirSync(pathOf(directory), 0o755)
    setOpaque(tree, directory)
    setTime(directory, time)
  } else throw badEntry(directory, 'it is used as a directory, and is none')
}

// #region overlay
export const isWhiteout = (stats: Stats): boolean => stats.isCharacterDevice() && stats.rdev === 0

export function setOpaque(tree: Tree, directory: Name): void {
  if (directory === '') needLower(tree, directory) // overlay asks no root whether it is opaque
  const xattr = OPAQUE_XATTRS[tree.numbers.isUserNamespace ? 1 : 0]
  inode().lsetxattr(pathOf(directory), Buffer.from(xattr), Buffer.from('y'))
  tree.opaque.add(directory)
}

/** The directory, or one that it is in. */
export const isInOpaque = (tree: Tree, directory: Name): boolean =>
  tree.opaque.has(directory) || (directory !== '' && isInOpaque(tree, parentOf(directory)))
// #endregion overlay
