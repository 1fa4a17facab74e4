/** What a tar archive has becomes files at a path in this process's root. Where exactly is a matter of what is there already: the rules are those of `docker cp`. */
import { lstatSync, realpathSync, statSync, utimesSync } from 'node:fs'
import { ByteReader } from '../layer/byte-reader.ts'
import { decompressed, openBlob } from '../layer/compression.ts'
import { LayerError, reasonOf } from '../layer/layer-error.ts'
import { bytesOf, childOf, clean, parentOf, pathOf, show, type Name } from '../layer/names.ts'
import { make } from '../layer/place.ts'
import { readTar, type Entry } from '../layer/tar-read.ts'
import { leave, skip, type Tree } from '../layer/tree.ts'

export interface BringIn {
  is: 'in'
  /** Absolute, as it was given: with a slash at its end, it is to be a directory. */
  path: Name
  /** What is copied is called so in the archive; it is the content of a directory when that is nothing. */
  base: Name
  /** All that is in the archive goes into a directory that is there. */
  isArchive: boolean
  /** Files stay whose they are, and have all their rights. */
  keepsOwner: boolean
  /** For a person. */
  shown: string
}

// #region in
/** The archive is standard input. @returns what was left out, in words. @throws Error when it does not fit what is there. */
export async function bringIn(wish: BringIn, tree: Tree): Promise<string[]> {
  let place: Place | undefined
  try {
    for await (const entry of readTar(new ByteReader(decompressed(openBlob(0))))) {
      place ??= placeOf(wish, entry.kind === 'directory')
      await bring(tree, owned(moved(entry, wish, place), wish), place)
    }
    leave(tree)
  } catch (error) {
    throw refusal(wish, error instanceof LayerError ? error.fact : reasonOf(error))
  }
  if (place) utimesSync(pathOf(place.isThere ? place.name : parentOf(place.name)), new Date(), new Date())
  return tree.skipped
}

/** A directory that was there stays as it is; and no directory takes the place of anything else, or the reverse. */
async function bring(tree: Tree, entry: Entry, place: Place): Promise<void> {
  if (place.isThere && entry.name === place.name) return
  const before = lstatSync(pathOf(entry.name), { throwIfNoEntry: false })
  if (before && before.isDirectory() !== (entry.kind === 'directory'))
    throw new LayerError(
      `${show(entry.name)} is ${before.isDirectory() ? 'a directory, and what is copied is none' : 'no directory, and what is copied is one'}`,
    )
  if (entry.kind === 'character' || entry.kind === 'block') skip(tree, `${show(entry.name)}: a device`)
  else await make(tree, entry)
}
// #endregion in

// #region place
/** Where what is copied will be. */
interface Place {
  name: Name
  /** A directory, into which its content goes. */
  isThere: boolean
}

function placeOf({ path, base, isArchive }: BringIn, isDirectory: boolean): Place {
  const there = statSync(bytesOf(path), { throwIfNoEntry: false })
  if (there?.isDirectory()) {
    const directory = real(path)
    return base === '' ? { name: directory, isThere: true } : { name: childOf(directory, base), isThere: false }
  }
  if (isArchive || (path.endsWith('/') && !isDirectory)) throw new LayerError('there is no such directory')
  if (there && isDirectory) throw new LayerError('it is no directory, and what is copied is one')
  if (there) return { name: real(path), isThere: false }
  const [, parent = '', last = ''] = /^(.*)\/([^/]*)$/s.exec(path.replace(/(\/\.?)+$/, '')) ?? []
  return { name: childOf(real(parent || '/'), last), isThere: false }
}

const real = (path: Name): Name => realpathSync.native(bytesOf(path), 'buffer').toString('latin1').slice(1)
// #endregion place

/** From where it was to where it will be, what it is a link to as well. */
function moved(entry: Entry, { base }: BringIn, { name }: Place): Entry {
  const move = (from: Name): Name =>
    childOf(name, clean(from).slice(base === '' ? 0 : base.length + 1)).replace(/\/$/, '')
  return { ...entry, name: move(entry.name), target: entry.kind === 'link' ? move(entry.target) : entry.target }
}

/** Whoever copies has them; and what was to run as somebody else does not run as they. */
const owned = (entry: Entry, { keepsOwner }: BringIn): Entry =>
  keepsOwner ? entry : { ...entry, uid: 0, gid: 0, mode: entry.mode & 0o1777 }

const refusal = ({ shown }: BringIn, fact: string): Error => new Error(`Cannot copy to "${shown}": ${fact}`)
