/**
 * What a plan has to know of what lies around a container: the files and namespaces that its spec names. Facts only: walls judge them, and what they
 * name is opened by the launcher once more, and looked at there.
 */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type { MountEntry } from './mountinfo.ts'
import type { Self } from './self.ts'

export type Kind = 'directory' | 'file' | 'missing'

export interface DeviceNumbers {
  /** What stat(2) says: c or b; '-' for what is no device. */
  type: 'c' | 'b' | '-'
  major: number
  minor: number
}

export interface Surroundings {
  /** Where the root file system is, without links. */
  root: string
  kinds: Readonly<Record<string, Kind>>
  devices: Readonly<Record<string, DeviceNumbers>>
  /** By path, as the kernel calls them: mnt, uts, ipc, net, pid, user, cgroup, time; '' of what is no namespace. */
  namespaces: Readonly<Record<string, string>>
  /** Whether anybody may walk to the root: who is root in a user namespace is anybody outside. */
  isOpen: boolean
  /** On which mount the root lies: the root itself when it is one. */
  mountPoint: string
  /** Where all of a proc or a sysfs is mounted. */
  shown: readonly string[]
  /** Who makes the container, and whether it may mount: CAP_SYS_ADMIN. */
  maker: { uid: number; gid: number; mayMount: boolean }
}

export interface Asked {
  root: string
  sources: readonly string[]
  devices: readonly string[]
  namespaces: readonly string[]
}

// #region surroundings
export function readSurroundings(
  { root, sources, devices, namespaces }: Asked,
  mounts: readonly MountEntry[],
  { effective }: Pick<Self, 'effective'>,
): Surroundings {
  const real = kindAt(root) === 'directory' ? fs.realpathSync(root) : root
  return {
    root: real,
    kinds: Object.fromEntries([root, ...sources].map((path) => [path, kindAt(path)])),
    devices: Object.fromEntries(devices.map((path) => [path, numbersAt(path)])),
    namespaces: Object.fromEntries(namespaces.map((path) => [path, namespaceAt(path, mounts)])),
    isOpen: isOpen(real),
    mountPoint: mountPointOf(real, mounts),
    shown: mounts.filter(isWhole).map(({ mountPoint }) => mountPoint),
    maker: {
      uid: process.geteuid?.() ?? 0,
      gid: process.getegid?.() ?? 0,
      mayMount: (effective & CAP_SYS_ADMIN) !== 0n,
    },
  }
}
// #endregion surroundings

/** capabilities(7). */
const CAP_SYS_ADMIN = 1n << 21n

/** A path that may not be walked is as good as none: the kernel says more, when it comes to that. */
function kindAt(path: string): Kind {
  const stats = statsAt(path)
  return stats === undefined ? 'missing' : stats.isDirectory() ? 'directory' : 'file'
}

function statsAt(path: string): fs.Stats | undefined {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function numbersAt(path: string): DeviceNumbers {
  const stats = statsAt(path)
  const type = stats?.isCharacterDevice() ? 'c' : stats?.isBlockDevice() ? 'b' : '-'
  const device = BigInt(stats?.rdev ?? 0)
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)
  return { type, major: Number(major), minor: Number((device & 0xffn) | ((device >> 12n) & 0xfff00n)) }
}

/** namespaces(7): a link in /proc says which it leads to. One that is kept by a bind mount, as `ip netns` does, stands in mountinfo. */
function namespaceAt(path: string, mounts: readonly MountEntry[]): string {
  try {
    const fd = fs.openSync(path, 'r')
    try {
      const place = fs.readlinkSync(`/proc/self/fd/${fd}`)
      const kept = mounts.findLast(({ mountPoint, type }) => mountPoint === place && type === 'nsfs')
      return /^(\w+):\[\d+\]$/.exec(kept?.root ?? place)?.[1] ?? ''
    } finally {
      fs.closeSync(fd)
    }
  } catch {
    return ''
  }
}

/** x for others, on each directory of the way. */
function isOpen(path: string): boolean {
  const others = (statsAt(path)?.mode ?? 0) & 0o001
  return others !== 0 && (path === '/' || isOpen(dirname(path)))
}

function mountPointOf(path: string, mounts: readonly MountEntry[]): string {
  const isThere = mounts.some(({ mountPoint }) => mountPoint === path)
  return isThere || path === '/' ? path : mountPointOf(dirname(path), mounts)
}

const isWhole = ({ type, root }: MountEntry): boolean => root === '/' && (type === 'proc' || type === 'sysfs')
