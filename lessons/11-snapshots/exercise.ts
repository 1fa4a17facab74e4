/**
 * Lesson 11, your way to keep snapshots: what is made on the disk, and what is to be mounted. Nothing is mounted here.
 *
 *   boxwright stage 11 --driver THIS_FILE prepare STORE KEY PARENT      to try it; then: mounts STORE KEY, run STORE KEY sh
 *   boxwright check 11                                                  to have it judged
 *   boxwright hint                                                      when you are stuck
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RootMount } from '../../src/oci/root-mount.ts'
import type { Driver } from '../../src/snapshot/driver.ts'
import type { OverlaySettings } from '../../src/snapshot/overlay.ts'
import { usageOf } from '../../src/snapshot/usage.ts'

/** In the place of a snapshot: the files that it adds to its parents. */
const added = (place: string): string => join(place, 'fs')

export const overlay = (_settings: OverlaySettings): Driver => ({
  name: 'overlay',
  make: (place) => {
    mkdirSync(added(place))
    // TODO 1: overlayfs wants one directory more, of which only the kernel knows what it is for.
  },
  mounts: (place, _kind, parents) => {
    const [parent] = parents // the nearest; then its own parent, and so on
    if (parent === undefined) return [bind(added(place))]
    // TODO 2: This is the parent itself. Whatever is written in the box is written there, for all who stand on it.
    // TODO 3: An overlay has `lowerdir=…:…`, `upperdir=…` and `workdir=…`, besides the `options` of the settings. In which order are the lower ones?
    return [bind(added(parent))]
  },
  writes: (place) => ({ directory: added(place), overlay: true }),
  usage: (place) => usageOf(added(place)),
  probe: () => Promise.resolve(undefined),
})

const bind = (source: string): RootMount => ({
  type: 'bind',
  source,
  options: ['rbind', 'rw'],
})
