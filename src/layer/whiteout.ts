/**
 * A layer can only add. What is gone it says by files with names of their own, which AUFS has invented: image-spec, layer.md §whiteouts. overlay has
 * another form, for the same: device 0:0 stands for what is gone, and an xattr makes a directory opaque; overlayfs.rst.
 */
import { badEntry } from './layer-error.ts'
import { baseOf, childOf, parentOf, type Name } from './names.ts'

export type Whiteout =
  | { is: 'none' }
  /** What is below this name in lower layers is gone. */
  | { is: 'gone'; name: Name }
  /** All that lower layers have in this directory is gone. */
  | { is: 'opaque'; name: Name }
  /** AUFS's own bookkeeping. */
  | { is: 'meta' }

const PREFIX = '.wh.'
const OPAQUE = '.wh..wh..opq'
const META = '.wh..wh.'

// #region whiteout
/** @throws LayerError when it says that nothing, a directory itself, or what is above it is gone. */
export function whiteoutOf(name: Name): Whiteout {
  if (!name.includes(PREFIX)) return { is: 'none' }
  const [directory, base] = [parentOf(name), baseOf(name)]
  if (base === OPAQUE) return { is: 'opaque', name: directory }
  if (name.split('/').some((part) => part.startsWith(META))) return { is: 'meta' }
  if (!base.startsWith(PREFIX)) return { is: 'none' }
  const gone = base.slice(PREFIX.length)
  if (gone === '' || gone === '.' || gone === '..') throw badEntry(name, 'what it says to be gone is no name')
  return { is: 'gone', name: childOf(directory, gone) }
}
// #endregion whiteout

// #region writing
/** For a layer that is being written. */
export const goneName = (name: Name): Name => childOf(parentOf(name), PREFIX + baseOf(name))
export const opaqueName = (directory: Name): Name => childOf(directory, OPAQUE)
export const isWhiteoutName = (base: string): boolean => base.startsWith(PREFIX)
// #endregion writing

// #region overlay
/** overlay reads its xattrs under `trusted`, or, mounted in a user namespace, under `user`: never taken from an image, which would hide files by it. */
const OVERLAY = /^(trusted|user)\.overlay\./

export const isOverlays = (xattr: string): boolean => OVERLAY.test(xattr)
export const OPAQUE_XATTRS = ['trusted.overlay.opaque', 'user.overlay.opaque'] as const
/** Part of what a file is lies in a lower tree: a directory that was renamed, a file of which only the attributes were changed. */
export const REDIRECT_XATTRS = ['redirect', 'metacopy'].flatMap((name) => [
  `trusted.overlay.${name}`,
  `user.overlay.${name}`,
])
// #endregion overlay
