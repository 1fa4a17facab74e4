/**
 * Where a container's cgroups go: one directory in each hierarchy that is mounted, of version 1 or 2, and what is there already. Facts only, and
 * only read, so that a plan can be made for any machine: cgroups(7).
 */
import { constants, existsSync, readdirSync, type Dirent } from 'node:fs'
import { join, relative } from 'node:path'
import { isFrozen } from './cgroup-freezer.ts'
import { processesIn } from './cgroup-processes.ts'
import { mayAccess, readOrEmpty } from './file.ts'
import { readMountInfo, type MountEntry } from './mountinfo.ts'

export interface Sites {
  sites: readonly Site[]
  /** Sizes of huge pages that the kernel has, as files of the hugetlb controller are named: `2MB`. */
  pageSizes: readonly string[]
  /** Who knows weights of input and output: a scheduler, and version 2's cost model. */
  weights: readonly ('bfq' | 'cost')[]
}

export interface Site extends Hierarchy {
  /** The container's own, to be. */
  directory: string
  /** From below the mount down to `directory`. Where one is not there, none below it is. */
  levels: readonly Level[]
  /** Names of files that a cgroup has in this hierarchy, as far as one can be looked at. */
  files: readonly string[]
  /** How many live in `directory`, or below it, already. */
  processes: number
  frozen: boolean
  /** May we make the next directory, or use the last? */
  writable: boolean
}

export interface Level {
  directory: string
  there: boolean
  /** Version 1's cpuset: one that has no processors and memory nodes takes nobody in. */
  cpus?: string
  mems?: string
  /** Version 2: `domain`, unless it is the true root, which has none. */
  type?: string
  /** Version 2: what it could hand down, and does. */
  controllers?: string[]
  enabled?: string[]
  /** Version 2: processes of its own are in the way of handing down; never at the true root. */
  occupied?: boolean
}

export interface Hierarchy {
  version: 1 | 2
  /** Version 1: `cpu`, `cpuacct`, `name=systemd` …; version 2: those that its mount has. */
  controllers: readonly string[]
  mount: Level
  /** Where a relative path begins. */
  base: string
}

// #region sites
/** @param path absolute, from a hierarchy's root on, or relative to the cgroup that we are in ourselves. Nothing in it leads above that. */
export function readSites(path: string, hierarchies: readonly Hierarchy[] = readHierarchies()): Sites {
  return withFacts(
    hierarchies.map((hierarchy) => {
      const base = path.startsWith('/') ? hierarchy.mount.directory : hierarchy.base
      return siteAt(join(base, join('/', path)), hierarchy)
    }),
  )
}

/** @param directories of a container that is there: one in each of its hierarchies. */
export function sitesOf(directories: readonly string[], hierarchies: readonly Hierarchy[] = readHierarchies()): Sites {
  const isAbove = (directory: string, { mount }: Hierarchy): boolean => directory.startsWith(`${mount.directory}/`)
  return withFacts(
    directories.flatMap((directory) => {
      const above = hierarchies.filter((hierarchy) => isAbove(directory, hierarchy))
      const nearest = above.sort((one, other) => other.mount.directory.length - one.mount.directory.length)[0]
      return nearest ? [siteAt(directory, nearest)] : []
    }),
  )
}

/** Most containers do not need the others: they are looked up when somebody asks. */
function withFacts(sites: Site[]): Sites {
  return {
    sites,
    get pageSizes() {
      return pageSizes()
    },
    get weights() {
      return weights()
    },
  }
}

function siteAt(directory: string, hierarchy: Hierarchy): Site {
  const levels = levelsTo(directory, hierarchy)
  const lowest = levels.findLast(({ there }) => there) ?? hierarchy.mount
  const isThere = lowest.directory === directory
  return {
    ...hierarchy,
    directory,
    levels,
    get files() {
      return filesOf(lowest.directory, hierarchy)
    },
    processes: isThere ? processesIn([directory]).length : 0,
    frozen: isThere && isFrozen([directory]),
    writable: isWritable(lowest.directory),
  }
}
// #endregion sites

function levelsTo(directory: string, { version, controllers, mount }: Hierarchy): Level[] {
  const names = relative(mount.directory, directory).split('/').filter(Boolean)
  return names.map((_, n) => levelAt(join(mount.directory, ...names.slice(0, n + 1)), version, controllers))
}

function levelAt(directory: string, version: 1 | 2, controllers: readonly string[]): Level {
  const there = existsSync(directory)
  const text = (file: string): string => readOrEmpty(join(directory, file)).trim()
  const words = (file: string): string[] => text(file).split(/\s+/).filter(Boolean)
  if (!there) return { directory, there }
  if (version === 1 && controllers.includes('cpuset'))
    return { directory, there, cpus: text('cpuset.cpus'), mems: text('cpuset.mems') }
  if (version === 1) return { directory, there }
  const type = text('cgroup.type')
  return {
    directory,
    there,
    ...(type && { type }),
    controllers: words('cgroup.controllers'),
    enabled: words('cgroup.subtree_control'),
    occupied: type !== '' && words('cgroup.procs').length > 0,
  }
}

// #region hierarchies
/**
 * Version 1's come as runC has them: every one that has a controller, and systemd's, by which it knows who belongs to what. Below the v2 tree's
 * root a relative path begins beside our own cgroup, which has processes and so could not hand anything down.
 */
export function readHierarchies(mounts = readMountInfo(), self = readOrEmpty('/proc/self/cgroup')): Hierarchy[] {
  return self
    .split('\n')
    .filter(Boolean)
    .reverse()
    .map(parseLine)
    .filter(({ controllers }) => controllers.every((name) => !name.startsWith('name=') || name === 'name=systemd'))
    .flatMap(({ controllers, path }) => {
      const mount = mounts.find((mount) => isOf(mount, controllers))
      return mount ? [hierarchyOf(mount, controllers, path)] : []
    })
}

/** `4:memory:/user.slice`; version 2 is `0::/`. A path may have colons in it. */
function parseLine(line: string): { controllers: string[]; path: string } {
  const [, list = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
  return { controllers: list.split(',').filter(Boolean), path }
}

const isOf = ({ type, superOptions }: MountEntry, controllers: readonly string[]): boolean =>
  controllers.length === 0
    ? type === 'cgroup2'
    : type === 'cgroup' && controllers.every((name) => superOptions.includes(name))

function hierarchyOf(mounted: MountEntry, controllers: readonly string[], path: string): Hierarchy {
  const version = mounted.type === 'cgroup2' ? 2 : 1
  const mount = levelAt(mounted.mountPoint, version, controllers)
  const own = relative(mounted.root, path)
  const base = join(mount.directory, own.startsWith('..') ? '' : own)
  return {
    version,
    controllers: version === 2 ? (mount.controllers ?? []) : controllers,
    mount,
    base: version === 2 && base !== mount.directory ? join(base, '..') : base,
  }
}
// #endregion hierarchies

/** Some files a root has not. Any cgroup below it shows them. */
function filesOf(lowest: string, { mount }: Hierarchy): string[] {
  const names = (directory: string): string[] =>
    entries(directory)
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
  const child = entries(mount.directory).find((entry) => entry.isDirectory())
  const below = lowest === mount.directory && child ? names(join(mount.directory, child.name)) : []
  return [...new Set([...names(lowest), ...below])]
}

function entries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return [] // a cgroup that has gone meanwhile
  }
}

/** `hugepages-2048kB` → `2MB`. */
function pageSizes(): string[] {
  return entries('/sys/kernel/mm/hugepages').map(({ name }) => sizeName(Number(/-(\d+)kB$/.exec(name)?.[1])))
}

const sizeName = (kilobytes: number): string =>
  kilobytes >= 1 << 20 ? `${kilobytes >> 20}GB` : kilobytes >= 1 << 10 ? `${kilobytes >> 10}MB` : `${kilobytes}KB`

function weights(): Sites['weights'] {
  const schedulers = entries('/sys/block').map(({ name }) => readOrEmpty(`/sys/block/${name}/queue/scheduler`))
  const hasCosts = readMountInfo().some(
    (mount) => mount.type === 'cgroup2' && existsSync(join(mount.mountPoint, 'io.cost.qos')),
  )
  return [
    ...(schedulers.some((line) => /\bbfq\b/.test(line)) ? (['bfq'] as const) : []),
    ...(hasCosts ? (['cost'] as const) : []),
  ]
}

const isWritable = (path: string): boolean => mayAccess(path, constants.W_OK)
