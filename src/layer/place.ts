/** One entry of a layer becomes a file. */
import * as fs from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { writeAll } from '../kernel/file.ts'
import { hide, hideBelow, remove } from './hide.ts'
import { renew, setAttributes, setXattrs } from './attributes.ts'
import { inode } from './inode.ts'
import { badEntry } from './layer-error.ts'
import { bytesOf, clean, parentOf, pathOf, show, type Name } from './names.ts'
import { expectKnown } from './numbers.ts'
import type { Entry, Kind } from './tar-read.ts'
import { enter, leave, needLower, setOpaque, setTime, skip, type Tree } from './tree.ts'
import { whiteoutOf } from './whiteout.ts'

// #region place
/** @throws LayerError */
export async function place(tree: Tree, entry: Entry): Promise<void> {
  const whiteout = whiteoutOf(entry.name)
  if (whiteout.is === 'gone') hide(tree, whiteout.name, entry.mtime)
  else if (whiteout.is === 'opaque') hideBelow(tree, whiteout.name, entry.mtime)
  else if (whiteout.is === 'none') await make(tree, entry)
}

/** One that hides nothing, whatever its name. @throws LayerError */
export async function make(tree: Tree, entry: Entry): Promise<void> {
  expectKnown(tree.numbers, entry)
  if (entry.name === '') makeRoot(tree, entry)
  else {
    enter(tree, parentOf(entry.name), entry.mtime)
    await MAKERS[entry.kind](tree, entry)
    tree.seen.add(entry.name)
  }
}

const MAKERS: Record<Kind, (tree: Tree, entry: Entry) => void | Promise<void>> = {
  file: makeFile,
  directory: makeDirectory,
  link: makeLink,
  symlink: makeSymlink,
  fifo: makeFifo,
  character: makeDevice,
  block: makeDevice,
}
// #endregion place

/** It is there, and stays. */
function makeRoot(tree: Tree, entry: Entry): void {
  if (entry.kind !== 'directory') throw badEntry('/', `the root is a directory, and no ${entry.kind}`)
  leave(tree)
  renew(tree, entry)
  tree.root = true
}

// #region in-place-of
/** Whatever has the name goes, and never is anything written to that was there before: it may be a link, or a file with other names. */
function inPlaceOf<T>(tree: Tree, name: Name, create: () => T): T {
  try {
    return create()
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    remove(name)
    tree.seen.forget(name)
    return create()
  }
}
// #endregion in-place-of

// #region file
async function makeFile(tree: Tree, entry: Entry): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants
  const fd = inPlaceOf(tree, entry.name, () => fs.openSync(pathOf(entry.name), O_WRONLY | O_CREAT | O_EXCL, 0o600))
  try {
    let end = 0
    for await (const { offset, bytes } of entry.content) {
      writeAll(fd, bytes, offset)
      end = offset + bytes.length
    }
    if (end < entry.size) fs.ftruncateSync(fd, entry.size)
    fs.fchownSync(fd, entry.uid, entry.gid)
    fs.fchmodSync(fd, entry.mode) // after its owner: chown(2) takes set-user-ID away
  } finally {
    fs.closeSync(fd)
  }
  setXattrs(tree, entry) // after its owner: chown(2) takes security.capability away
  setTime(entry.name, entry.mtime)
}
// #endregion file

// #region directory
/** One that is there already stays, with what is in it, and becomes what the entry says. */
function makeDirectory(tree: Tree, entry: Entry): void {
  const path = pathOf(entry.name)
  const before = fs.lstatSync(path, { throwIfNoEntry: false })
  if (before?.isDirectory()) renew(tree, entry)
  else {
    inPlaceOf(tree, entry.name, () => fs.mkdirSync(path, 0o700))
    if (tree.overlay && before) setOpaque(tree, entry.name) // not to be merged with what was hidden by it
    setAttributes(tree, entry)
  }
}
// #endregion directory

/** One more name of a file, or of a symbolic link itself; it has the attributes that the file has. link(2). */
function makeLink(tree: Tree, { name, target }: Entry): void {
  try {
    inPlaceOf(tree, name, () => fs.linkSync(pathOf(clean(target)), pathOf(name)))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) needLower(tree, name)
    if (hasCode(error, 'ENOENT')) throw badEntry(name, `it is a link to ${show(target)}, and there is no such file`)
    if (hasCode(error, 'EPERM')) throw badEntry(name, `it is a link to ${show(target)}, which can have no other name`)
    throw error
  }
}

function makeSymlink(tree: Tree, entry: Entry): void {
  inPlaceOf(tree, entry.name, () => fs.symlinkSync(bytesOf(entry.target), pathOf(entry.name)))
  setAttributes(tree, entry)
}

function makeFifo(tree: Tree, entry: Entry): void {
  inPlaceOf(tree, entry.name, () => inode().mknod(pathOf(entry.name), fs.constants.S_IFIFO, 0, 0))
  setAttributes(tree, entry)
}

/** A user namespace makes none, and what runs in it gets its devices from whoever starts it. */
function makeDevice(tree: Tree, entry: Entry): void {
  if (tree.numbers.isUserNamespace) {
    remove(entry.name)
    skip(tree, `${show(entry.name)}: a device, which no user namespace makes`)
  } else {
    const kind = entry.kind === 'block' ? fs.constants.S_IFBLK : fs.constants.S_IFCHR
    inPlaceOf(tree, entry.name, () => inode().mknod(pathOf(entry.name), kind, entry.major, entry.minor))
    setAttributes(tree, entry)
  }
}
