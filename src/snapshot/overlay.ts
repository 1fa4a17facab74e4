/**
 * Lesson 11. A snapshot is a directory with what it adds, and the kernel lays the directories over each other: overlayfs, in the kernel's
 * Documentation/filesystems/overlayfs.rst. What is written is copied up first, and only then; what is deleted leaves a mark.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { RootMount } from '../oci/root-mount.ts'
import type { Driver } from './driver.ts'
import { tried } from './trial.ts'
import { usageOf } from './usage.ts'

// #region places
export const added = (place: string): string => join(place, 'fs')
export const work = (place: string): string => join(place, 'work')
// #endregion places

// #region overlay
export const overlay = (settings: OverlaySettings): Driver => ({
  name: 'overlay',
  make: (place, kind, [parent]) => {
    fs.mkdirSync(added(place))
    likeIn(parent === undefined ? undefined : added(parent), added(place))
    if (kind === 'active') fs.mkdirSync(work(place), { mode: 0o711 })
  },
  mounts: (place, kind, parents) => {
    if (kind === 'view' && parents.length === 1) return [bind(added(parents[0] ?? ''), 'ro')]
    return parents.length === 0
      ? [bind(added(place), kind === 'active' ? 'rw' : 'ro')]
      : [layered(kind === 'active' ? { added: added(place), work: work(place) } : {}, parents.map(added), settings)]
  },
  writes: (place, parents) => ({ directory: added(place), overlay: true, below: parents.map(added) }),
  usage: (place) => usageOf(added(place)),
  probe: (directory) => tried(directory, (place) => [layeredIn(place, settings)]),
})

/** The nearest layer is written first. Without an upper directory nothing can be changed. */
export const layered = (
  upper: { added?: string; work?: string },
  lower: readonly string[],
  { options }: OverlaySettings,
): RootMount => ({
  type: 'overlay',
  source: 'overlay',
  options: [
    ...options,
    ...(upper.work === undefined ? [] : [`workdir=${upper.work}`]),
    ...(upper.added === undefined ? [] : [`upperdir=${upper.added}`]),
    `lowerdir=${lower.join(':')}`,
  ],
})
// #endregion overlay

/** Two layers, and one to write to. */
function layeredIn(place: string, settings: OverlaySettings): RootMount {
  const [upper, above, below] = ['upper', 'above', 'below'].map((name) => join(place, name)) as [string, string, string]
  for (const path of [upper, above, below, work(upper), added(upper)]) fs.mkdirSync(path)
  return layered({ added: added(upper), work: work(upper) }, [above, below], settings)
}

// #region settings
export interface OverlaySettings {
  options: string[]
}

/**
 * index=off: a layer is below many roots at once. metacopy=off: a layer is to have whole files, since it may become part of an image. In a user namespace
 * marks are extended attributes of its own kind.
 */
export const overlaySettings = (namespaced: boolean): OverlaySettings => ({
  options: ['index=off', 'metacopy=off', ...(namespaced ? ['userxattr'] : [])],
})
// #endregion settings

// #region top
export const bind = (source: string, mode: 'rw' | 'ro'): RootMount => ({
  type: 'bind',
  source,
  options: ['rbind', mode],
})

/** The topmost directory is what the root of the whole looks like. */
export function likeIn(parent: string | undefined, directory: string): void {
  if (parent === undefined) {
    fs.chmodSync(directory, 0o755)
    return
  }
  const { uid, gid, mode, atime, mtime } = fs.statSync(parent)
  fs.chownSync(directory, uid, gid)
  fs.chmodSync(directory, mode & 0o7777)
  fs.utimesSync(directory, atime, mtime)
}
// #endregion top
