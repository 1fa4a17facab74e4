/**
 * A tree, read from outside while others may still change it. Each name is looked up in a directory that is open, and never through a link: a link that
 * is put in a directory's place meanwhile leads nowhere. openat(2) is what `/proc/self/fd/N/NAME` does.
 */
import * as fs from 'node:fs'
import { inode, xattrNames } from './inode.ts'
import { bytesOf, childOf, type Name } from './names.ts'
import type { Xattrs } from './pax.ts'
import type { Kind } from './tar-read.ts'
import { timeOf, type Time } from './time.ts'

export interface Directory extends Disposable {
  readonly name: Name
  /** In the order of their bytes. */
  readonly bases: readonly string[]
  /** @returns none when nothing has that name, or what has it is no file that a layer could bring: a socket. */
  look(base: string): Found | undefined
  itself(): Found
}

export interface Found {
  name: Name
  kind: Exclude<Kind, 'link'>
  stats: fs.BigIntStats
  mtime: Time
  /** Of a symbolic link. */
  target: string
  xattrs: Xattrs
  /** Of a directory. */
  open(): Directory
  /** Of a file: a descriptor, to be closed. */
  read(): number
}

/** By its path a name is looked up by whoever has the tree as its root: there no link leads out of it, and /proc is another's. */
type Lookup = 'descriptor' | 'path'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs.constants

// #region open
export function openDirectory(path: string | Buffer, name: Name = '', by: Lookup = 'descriptor'): Directory {
  const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY | (name === '' ? 0 : O_NOFOLLOW))
  const directory = Buffer.from(by === 'path' ? path : `/proc/self/fd/${fd}`)
  const at = (base: string): Buffer => Buffer.concat([directory, Buffer.from('/'), bytesOf(base)])
  return {
    name,
    bases: fs.readdirSync(at(''), 'latin1').sort(),
    look: (base) => lookAt(at(base), childOf(name, base), by),
    itself: () => foundAs('directory', fs.fstatSync(fd, { bigint: true }), at('.'), name, by),
    [Symbol.dispose]: () => fs.closeSync(fd),
  }
}
// #endregion open

/** @param name that it is to have. @returns as `look` does. */
export function lookAt(path: Buffer, name: Name, by: Lookup): Found | undefined {
  const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })
  const kind = stats && kindOf(stats)
  return kind && foundAs(kind, stats, path, name, by)
}

const foundAs = (kind: Found['kind'], stats: fs.BigIntStats, path: Buffer, name: Name, by: Lookup): Found => ({
  ...{ name, kind, stats, mtime: timeOf(stats), xattrs: xattrsOf(path) },
  target: kind === 'symlink' ? fs.readlinkSync(path, 'latin1') : '',
  open: () => openDirectory(path, name, by),
  read: () => fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), // what is a fifo by now is not waited for
})

function kindOf(stats: fs.BigIntStats): Found['kind'] | undefined {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isCharacterDevice()) return 'character'
  if (stats.isBlockDevice()) return 'block'
  return stats.isFIFO() ? 'fifo' : undefined
}

const xattrsOf = (path: Buffer): Xattrs =>
  new Map(xattrNames(path).map((name) => [name, inode().lgetxattr(path, bytesOf(name))]))
