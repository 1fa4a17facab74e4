/**
 * The base image: a root file system made of the host's own files, so that the first box needs no download.
 * It is made once, kept beside a manifest, and shared by all boxes with nothing in between: what one box has
 * damaged is mended before the next.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { FORMAT, inodeOf, planBase, TOOLS, type BasePlan, type Found, type Input } from './base-plan.ts'
import { make, readManifests, verify, type Manifest } from './base-tree.ts'
import { openImages } from './directory.ts'

export interface Base {
  /** The root file system. */
  path: string
  /** Was it made by this call? */
  made: boolean
  /** Paths in the image that were missing or changed, and have been put right. */
  repaired: string[]
}

/**
 * @param directory where images are kept; made when it is not there.
 * @param searchPath as PATH: where the host's programs are.
 * @throws Error `Cannot make the base image: …`, with what to do about it where we know.
 */
export function ensureBase(directory: string, searchPath = process.env['PATH'] ?? ''): Base {
  try {
    const shelf = openImages(directory)
    const manifests = readManifests(shelf)
    const found = findPrograms(searchPath)
    const plan = manifests.find((manifest) => isCurrent(manifest, found)) ?? planBase(found)
    const path = join(shelf, `base-${plan.key}`)
    const made = !fs.existsSync(path) && make(path, plan)
    const known = made ? undefined : manifests.find(({ key }) => key === plan.key)
    return { path, made, repaired: verify(path, plan, known) }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Cannot make the base image: ${why}`, { cause })
  }
}

/** What would go into it now. @throws Error of a machine without a shell. */
export const planOfHost = (searchPath = process.env['PATH'] ?? ''): BasePlan => planBase(findPrograms(searchPath))

function findPrograms(searchPath: string): Found {
  const forTools = placesOf([...searchPath.split(':'), '/usr/sbin', '/sbin'])
  const forBusybox = placesOf([...forTools, '/usr/bin', '/bin', '/usr/lib/busybox'])
  const find = (name: string, places: string[]): string[] =>
    places.map((place) => `${place}/${name}`).filter((path) => fs.existsSync(path))
  const tools = TOOLS.map((name) => [name, find(name, forTools)] as const)
  return { busybox: find('busybox', forBusybox), ...Object.fromEntries(tools) }
}

/**
 * `/bin` and `/usr/bin` are often one directory; a search path may name what is not there, or only from here.
 */
function placesOf(places: string[]): string[] {
  const there = places.filter((place) => place.startsWith('/') && fs.existsSync(place))
  return [...new Set(there.map((place) => fs.realpathSync.native(place)))]
}

const isCurrent = ({ format, found, inputs }: Manifest, foundNow: Found): boolean =>
  format === FORMAT && JSON.stringify(found) === JSON.stringify(foundNow) && inputs.every(isUnchanged)

/** A link that leads elsewhere now leads to another inode: asking for that is faster than following each link. */
function isUnchanged({ path, inode, size, mtimeMs }: Input): boolean {
  const now = fs.statSync(path, { throwIfNoEntry: false })
  return now?.size === size && now.mtimeMs === mtimeMs && inodeOf(now) === inode
}
