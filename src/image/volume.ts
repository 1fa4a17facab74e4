/** Something of the host's that is to be in a box, looked at before anything is made. */
import { lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { resolveInRoot } from '../kernel/in-root.ts'
import type { Mount } from '../oci/spec.ts'

/**
 * What is bound needs a place of its kind. A directory can be made for it right below the root, and is taken away again; anything else has to be there.
 * @throws Error naming the path, what is so and what to do.
 */
export function checkVolume(mount: Mount, rootfs: string): Mount {
  const { source, destination } = mount
  const from = statSync(source, { throwIfNoEntry: false })
  if (!from) throw refuse(source, 'there is no such file or directory', 'Make it first')
  const place = placeIn(rootfs, destination)
  if (place && place.isDirectory() !== from.isDirectory())
    throw refuse(
      source,
      `"${destination}" of the box is ${kindOf(place)}, and it is ${kindOf(from)}`,
      'Name another target',
    )
  if (!place && !(from.isDirectory() && dirname(destination) === '/'))
    throw refuse(
      source,
      `there is no "${destination}" in the box`,
      'Make it in the root file system first, or bind a directory to one right below /',
    )
  return mount
}

/** A container makes the places that it wants, below its own root: of those nothing need be there. @throws Error of what cannot be bound. */
export function checkVolumeSource(mount: Mount): Mount {
  if (statSync(mount.source, { throwIfNoEntry: false })) return mount
  throw refuse(mount.source, 'there is no such file or directory', 'Make it first')
}

const placeIn = (rootfs: string, path: string): ReturnType<typeof lstatSync> | undefined => {
  try {
    return lstatSync(resolveInRoot(rootfs, path), { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const kindOf = (stat: { isDirectory(): boolean }): string => (stat.isDirectory() ? 'a directory' : 'a file')

const refuse = (source: string, fact: string, remedy: string): Error =>
  new Error(`Cannot give the box "${source}": ${fact}\n  ${remedy}`)
