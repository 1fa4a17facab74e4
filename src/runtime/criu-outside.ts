/**
 * What of a container lies outside of it: mounts that came from the host, its standard streams, namespaces that it shares. CRIU does not write that to its
 * images; each has a name there, and who restores the container says what it is to be. criu(8), --external and --inherit-fd.
 */
import * as fs from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Site } from '../kernel/cgroup-sites.ts'
import { resolveInRoot } from '../kernel/in-root.ts'
import { readMountInfo } from '../kernel/mountinfo.ts'
import { namespaceOf } from '../kernel/proc.ts'
import type { Mount, Spec } from '../oci/spec.ts'

/** Of those that it can leave outside. */
const SHARED = [
  { type: 'network', short: 'net', name: 'extRootNetNS' },
  { type: 'pid', short: 'pid', name: 'extRootPidNS' },
] as const

// #region outside
/** @returns words for a dump. */
export const outside = (pid: number, spec: Spec, streams: readonly string[]): string[] =>
  [
    ...bindsOf(spec).map(({ point, name }) => `mnt[${point}]:${name}`),
    ...cgroupsSeen(pid),
    ...sharedBy(spec).map(({ short, name }) => `${short}[${namespaceOf(pid, short)}]:${name}`),
    ...new Set(streams.filter((stream) => stream.startsWith('file['))),
  ].flatMap((what) => ['--external', what])

/** @returns words for a restore; a mount whose name no image has is not missed. */
export const outsideAgain = (spec: Spec, sites: readonly Site[]): string[] =>
  [
    ...bindsOf(spec).map(({ name, source }) => `mnt[${name}]:${source}`),
    ...sites.flatMap((site) => namesOf(site).map((name) => `mnt[${name}]:${site.directory}`)),
  ].flatMap((what) => ['--external', what])

export const sharedBy = ({ linux }: Spec): { short: 'net' | 'pid'; name: string; path: string }[] =>
  SHARED.flatMap(({ type, short, name }) => {
    const path = linux.namespaces.find((one) => one.type === type)?.path
    return path ? [{ short, name, path }] : []
  })
// #endregion outside

const isBind = ({ type, options }: Mount): boolean =>
  type === 'bind' || options.includes('bind') || options.includes('rbind')

/** A link on the way may lead elsewhere in the container: the kernel knows the mount by where it is. */
const bindsOf = ({ mounts, root }: Spec): { point: string; name: string; source: string }[] =>
  mounts.filter(isBind).map(({ destination, source }) => ({
    point: `/${relative(root.path, resolveInRoot(root.path, destination))}`,
    name: destination,
    source,
  }))

// #region cgroups
/** They are the container's own, and called by what they count: its cgroup may be another the next time. */
const cgroupsSeen = (pid: number): string[] =>
  readMountInfo(pid)
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ type, mountPoint, superOptions }) => {
      const known = superOptions.filter((option) => !/^(rw|ro|xattr|clone_children|release_agent=.*)$/.test(option))
      return `mnt[${mountPoint}]:${type === 'cgroup2' ? UNIFIED : cgroupNamed(known[0] ?? '')}`
    })

const UNIFIED = 'cgroup-unified'

const cgroupNamed = (controller: string): string => `cgroup-${controller.replace('name=', '')}`

const namesOf = ({ version, controllers }: Site): string[] => (version === 2 ? [UNIFIED] : controllers.map(cgroupNamed))

/** Where processes go that were in the container's old cgroup. Without a controller it is version 2's. */
export const cgroupRoots = (sites: readonly Site[]): string[] =>
  sites.flatMap(({ version, controllers, directory, mount }) => {
    const path = `/${relative(mount.directory, directory)}`
    return (version === 2 ? [path] : controllers.map((name) => `${name}:${path}`)).flatMap((root) => [
      '--cgroup-root',
      root,
    ])
  })
// #endregion cgroups

// #region streams
const STREAMS = 'descriptors.json'

/** @returns its three standard streams by CRIU's names: a pipe's, or a file's that no mount of the container has. */
export function streamsOf(pid: number): string[] {
  const mounts = new Set(readMountInfo(pid).map(({ id }) => id))
  return [0, 1, 2].map((fd) => {
    const link = linkOf(`/proc/${pid}/fd/${fd}`)
    const [, mount = '', inode = ''] =
      /^mnt_id:\s*(\d+)$[^]*^ino:\s*(\d+)$/m.exec(link && fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? []
    const isOutside = link.startsWith('/') && mount !== '' && !mounts.has(Number(mount))
    return isOutside ? `file[${Number(mount).toString(16)}:${BigInt(inode).toString(16)}]` : link
  })
}

export const keepStreams = (images: string, streams: readonly string[]): void =>
  fs.writeFileSync(join(images, STREAMS), JSON.stringify(streams), { mode: 0o600 })

/**
 * Ours take their places. What was one file is one again, though it was opened for reading as well as for writing.
 * @returns descriptors by name; those that were opened here are to be closed.
 */
export function streamsAgain(images: string): Map<string, number> {
  const streams = JSON.parse(fs.readFileSync(resolve(images, STREAMS), 'utf8')) as string[]
  const again = new Map<string, number>()
  for (const [fd, name] of streams.entries())
    if (/^(pipe:|file\[)/.test(name)) again.set(name, again.has(name) && name.startsWith('file') ? bothWays(fd) : fd)
  return again
}

function bothWays(fd: number): number {
  try {
    return fs.openSync(`/proc/self/fd/${fd}`, 'r+')
  } catch {
    return fd // a pipe, or a file that may only be written
  }
}

function linkOf(path: string): string {
  try {
    return fs.readlinkSync(path)
  } catch {
    return '' // it is closed
  }
}
// #endregion streams
