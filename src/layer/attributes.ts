/** What a file is besides its content: whose it is, who may do what with it, what else is written on it, and when it was changed. */
import { chmodSync, lchownSync } from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { inode, xattrNames } from './inode.ts'
import { bytesOf, pathOf, show, type Name } from './names.ts'
import type { Entry } from './tar-read.ts'
import { setTime, skip, type Tree } from './tree.ts'
import { isOverlays } from './whiteout.ts'

// #region attributes
/** The order is the kernel's: a new owner takes rights away, and everything changes the time. chown(2). */
export function setAttributes(tree: Tree, entry: Entry): void {
  const path = pathOf(entry.name)
  lchownSync(path, entry.uid, entry.gid)
  if (entry.kind !== 'symlink') chmodSync(path, entry.mode)
  setXattrs(tree, entry)
  setTime(entry.name, entry.mtime)
}

/** What overlay would believe is never taken from an image; what the file system or our rights do not allow is left out, and said. */
export function setXattrs(tree: Tree, { name, xattrs }: Entry): void {
  for (const [xattr, value] of xattrs) {
    const why = isOverlays(xattr) ? 'overlay would believe it' : refusal(name, xattr, value)
    if (why !== undefined) skip(tree, `${show(name)}: the xattr ${show(xattr)}: ${why}`)
  }
}
// #endregion attributes

/** Of a directory that was there: what the entry does not speak of is not to be left over. */
export function renew(tree: Tree, entry: Entry): void {
  const path = pathOf(entry.name)
  for (const name of xattrNames(path))
    if (!isOverlays(name) && !entry.xattrs.has(name) && !isSystems(name)) inode().lremovexattr(path, bytesOf(name))
  setAttributes(tree, entry)
}

/** SELinux labels every file by itself, and lets none be taken away. */
const isSystems = (name: string): boolean => name === 'security.selinux'

function refusal(name: Name, xattr: string, value: Buffer): string | undefined {
  try {
    inode().lsetxattr(pathOf(name), bytesOf(xattr), value)
    return undefined
  } catch (error) {
    if (hasCode(error, 'ENOTSUP')) return 'the file system has none of its kind'
    if (hasCode(error, 'EPERM')) return 'it is not allowed here'
    throw error
  }
}
