/** The calls about files that Node does not have: `native/inode.c`, loaded into Node. */
import { hasCode } from '../kernel/error-code.ts'
import { loadBuilt } from '../launch/addon.ts'

// #region inode
/** Paths, names and values are bytes. A call that the kernel refuses throws an Error with `errno`. */
export interface Inode {
  /** From here on this whole process has another root, and stands in it. There is no way back: load first what is needed. */
  chroot(path: Buffer): void
  mknod(path: Buffer, mode: number, major: number, minor: number): void
  /** Both times, and of a link itself. */
  utimensat(path: Buffer, seconds: number, nanoseconds: number): void
  lsetxattr(path: Buffer, name: Buffer, value: Buffer): void
  lgetxattr(path: Buffer, name: Buffer): Buffer
  /** @returns the names, each with a NUL behind it. */
  llistxattr(path: Buffer): Buffer
  lremovexattr(path: Buffer, name: Buffer): void
}
// #endregion inode

let loaded: Inode | undefined

/** @throws Error when there was no compiler to build it. */
export function inode(): Inode {
  return (loaded ??= loadBuilt('inode.node', 'unpacks layers') as Inode)
}

/** @returns the names of a file's xattrs, as strings of bytes; none where the file system has none. */
export function xattrNames(path: Buffer): string[] {
  try {
    return inode().llistxattr(path).toString('latin1').split('\0').slice(0, -1)
  } catch (error) {
    if (hasCode(error, 'ENOTSUP')) return []
    throw error
  }
}
