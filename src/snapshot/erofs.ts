/**
 * Lesson 11. A committed snapshot is one file: a file system that can only be read, compact and the same on every machine, which the kernel mounts as it
 * is. What is written goes into a directory above it, as with overlay. The kernel's Documentation/filesystems/erofs.rst.
 */
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { RootMount } from '../oci/root-mount.ts'
import type { Driver } from './driver.ts'
import { added, layered, overlay, work, type OverlaySettings } from './overlay.ts'
import { tried } from './trial.ts'
import { usageOf } from './usage.ts'

const image = (place: string): string => join(place, 'layer.erofs')
const shown = (place: string): string => join(place, 'shown')

// #region erofs
export function erofs(settings: OverlaySettings): Driver {
  const above = overlay(settings)
  return {
    ...above,
    name: 'erofs',
    make: (place, kind, parents) => {
      above.make(place, kind, parents)
      fs.mkdirSync(shown(place))
    },
    mounts: (place, kind, parents) => {
      const [nearest] = parents
      if (nearest === undefined) return above.mounts(place, kind, parents)
      if (kind === 'view' && parents.length === 1) return [read(image(nearest))]
      const upper = kind === 'active' ? { added: added(place), work: work(place) } : {}
      const below = parents.map((parent) => ({ ...read(image(parent)), target: shown(parent) }))
      return [...below, layered(upper, parents.map(shown), settings)]
    },
    writes: (place) => ({ directory: added(place), overlay: true }),
    seal: (place) => build(added(place), image(place)),
    usage: (place) => usageOf(fs.existsSync(image(place)) ? image(place) : added(place)),
    probe,
  }
}

const read = (source: string): RootMount => ({ type: 'erofs', source, options: ['ro'] })

/** Half a file has another name. Of what was written the directory alone stays, empty: what the root looks like. */
function build(directory: string, file: string): void {
  const { status, stderr, error } = spawnSync('mkfs.erofs', ['--quiet', `${file}~`, directory], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot make "${file}": ${error?.message ?? stderr.trim()}`)
  fs.renameSync(`${file}~`, file)
  const like = fs.statSync(directory)
  for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name), { recursive: true, force: true })
  fs.utimesSync(directory, like.atime, like.mtime)
}
// #endregion erofs

/** Older kernels mount it from a block device alone. */
async function probe(directory: string): Promise<string | undefined> {
  if (spawnSync('mkfs.erofs', ['-V']).error) return 'there is no mkfs.erofs(1): install erofs-utils'
  return tried(directory, (place) => {
    fs.mkdirSync(join(place, 'layer'))
    build(join(place, 'layer'), image(place))
    return [read(image(place))]
  })
}
