/** What is at a path in this process's root, as a tar archive. */
import { lstatSync, realpathSync, statfsSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { entryOf, written } from '../layer/found-entry.ts'
import { HardLinks } from '../layer/hard-links.ts'
import { reasonOf } from '../layer/layer-error.ts'
import { bytesOf, childOf, type Name } from '../layer/names.ts'
import { END } from '../layer/tar-write.ts'
import { lookAt, type Found } from '../layer/walk.ts'

export interface BringOut {
  is: 'out'
  /** Absolute, as it was given: with a slash at its end, a link there is followed. */
  path: Name
  /** What it is called in the archive; its content alone when that is nothing. */
  base: Name
  /** A link at its end is followed. */
  follows: boolean
  /** For a person. */
  shown: string
}

// #region out
/** @throws Error when there is nothing, or when a file changes while it is read. */
export async function bringOut(wish: BringOut, out: Writable): Promise<void> {
  const place = placeOf(wish)
  const top = lookAt(place, wish.base, 'path')
  if (!top) throw refusal(wish, 'it is a socket, or has gone')
  if (wish.base === '' && top.kind !== 'directory') throw refusal(wish, 'it is no directory')
  if (top.kind !== 'symlink' && isKernels(place))
    throw refusal(wish, 'what is there is made by the kernel for whoever looks, and is no file')
  await pipeline(archiveOf(top, place, wish), out)
}

function* archiveOf(top: Found, place: Buffer, { base }: BringOut): Generator<Buffer> {
  const links = new HardLinks()
  const rest = (name: Name): string => (base === '' ? `/${name}` : name.slice(base.length))
  const isForeign = ({ name }: Found): boolean => isKernels(Buffer.concat([place, bytesOf(rest(name))]))
  for (const found of tree(top, isForeign))
    for (const one of links.written(found, [], true)) yield* written(one, entryOf(one.found), 'the copy')
  yield END
}
// #endregion out

/** In the order in which they can be made again. */
function* tree(found: Found, isForeign: (found: Found) => boolean): Generator<Found> {
  yield found
  if (found.kind !== 'directory' || isForeign(found)) return
  using directory = found.open()
  for (const base of directory.bases) {
    const child = directory.look(base)
    if (child) yield* tree(child, isForeign)
  }
}

// #region place
/** Every link on the way is followed, in this root; the last one when that is wanted. */
function placeOf(wish: BringOut): Buffer {
  const { path, follows } = wish
  try {
    if (follows || /\/\.{0,2}$/.test(path)) return real(path)
    const slash = path.lastIndexOf('/')
    const whole = bytesOf(childOf(real(path.slice(0, slash) || '/').toString('latin1'), path.slice(slash + 1)))
    lstatSync(whole)
    return whole
  } catch (error) {
    throw refusal(wish, reasonOf(error))
  }
}

const real = (path: Name): Buffer => realpathSync.native(bytesOf(path), 'buffer')
// #endregion place

/** File systems whose files are what the kernel says when it is asked: statfs(2), linux/magic.h. */
const KERNELS = new Set([
  ...[0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x19800202], // proc, sysfs, cgroup, cgroup2, devpts, mqueue
  ...[0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x62656570], // debugfs, tracefs, securityfs, bpf, configfs
])

const isKernels = (path: Buffer): boolean => KERNELS.has(statfsSync(path).type)

const refusal = ({ shown }: BringOut, fact: string): Error => new Error(`Cannot copy "${shown}": ${fact}`)
