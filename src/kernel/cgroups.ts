/**
 * Which cgroups this machine has, and where: cgroups(7). Controllers are spread over v1 hierarchies (one mount each), all in the one
 * v2 tree, or some here and some there: "hybrid".
 */
import { constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Sites } from './cgroup-sites.ts'
import { mayAccess, readOrEmpty } from './file.ts'
import { readMountInfo } from './mountinfo.ts'

export const CONTROLLERS = ['memory', 'pids', 'cpu', 'cpuset', 'io'] as const
export type Controller = (typeof CONTROLLERS)[number]

export interface Cgroups {
  layout: 'v1' | 'hybrid' | 'v2' | 'none'
  /** Where each v1 controller's hierarchy is mounted. `io` is called blkio there. */
  v1: Partial<Record<Controller | 'freezer' | 'devices' | 'cpuacct', string>>
  v2?: Unified
  /** cpuset(7): a new v1 cpuset is empty, and takes no process before it has been given processors and memory nodes. */
  cpuset: { cpus: string; mems: string }
  /** Does this kernel count swap? Then a memory limit has to say something about it. */
  swap: boolean
  /** Some are mounted here in which we may make none: without root, unless somebody has delegated one to us. They are as if they were not there. */
  closed?: true
  /** Of the runtime: where the one container goes that a plan is made for. */
  place?: CgroupPlace
}

export interface CgroupPlace extends Sites {
  /** Did the path come with the container, or is it only our choice? Then one that is not ours can be done without. */
  asked: boolean
  /** Files of a cgroup that may be handed over with it, as the kernel lists them. */
  delegated?: string[]
  /** systemd's, when it is to make the container's cgroup: no other is made then. */
  unit?: Unit
}

/** A scope, or a slice, that systemd starts: systemd.scope(5). */
export interface Unit {
  name: string
  slice: string
}

/** The v2 tree, at the place below which we may make cgroups. */
export interface Unified {
  /** Where cgroup2 is mounted. */
  mount: string
  /** The directory that our cgroups go into: the mount itself for root, our own cgroup when it has been delegated to us. */
  base: string
  /** What `base` could hand down, and what it does hand down already. */
  available: string[]
  enabled: string[]
  /** Processes in `base`. Unless it is the true root, they are in the way of handing down controllers: "no internal processes". */
  processes: number[]
  /** Another box's launcher has set the processes of `base` aside. What it hands down since, it will stop to with the last box. */
  setAside?: true
}

// #region layout
/** Is there a hierarchy, or a tree, in which a limit of that kind can be set? */
export const offers = ({ v1, v2 }: Cgroups, name: Controller): boolean =>
  name in v1 || v2?.available.includes(name) === true

/** @param self our own `/proc/self/cgroup`. @param mayMake cgroups in a directory. */
export function readCgroups(
  mounts = readMountInfo(),
  self = readOrEmpty('/proc/self/cgroup'),
  mayMake = isWritable,
): Cgroups {
  const hierarchies = mounts.filter(({ type, superOptions }) => type === 'cgroup' && controllersOf(superOptions).length)
  const open = hierarchies.filter(({ mountPoint }) => mayMake(mountPoint))
  const v1 = Object.fromEntries(
    open.flatMap(({ superOptions, mountPoint }) => controllersOf(superOptions).map((name) => [name, mountPoint])),
  ) as Cgroups['v1']
  const mount = mounts.find(({ type }) => type === 'cgroup2')?.mountPoint
  const v2 = mount === undefined ? undefined : readUnified(mount, self, mayMake)
  const layout = Object.keys(v1).length === 0 ? (v2 ? 'v2' : 'none') : v2 ? 'hybrid' : 'v1'
  const closed = open.length < hierarchies.length || (mount !== undefined && !v2)
  return {
    layout,
    v1,
    ...(v2 && { v2 }),
    cpuset: readCpuset(v1.cpuset),
    swap: countsSwap(v1.memory),
    ...(closed && { closed }),
  }
}
// #endregion layout

function controllersOf(options: readonly string[]): string[] {
  const known = ['memory', 'pids', 'cpu', 'cpuacct', 'cpuset', 'blkio', 'freezer', 'devices']
  return options.filter((option) => known.includes(option)).map((name) => (name === 'blkio' ? 'io' : name))
}

/** Who may make cgroups here, and not move processes into them, has been given a directory and no cgroup: cgroups(7), "delegation". */
function readUnified(mount: string, self: string, mayMake: typeof isWritable): Unified | undefined {
  const base = mayMake(mount) ? mount : join(mount, ownCgroup(self))
  if (!mayMake(base)) return undefined
  const words = (file: string): string[] => readOrEmpty(join(base, file)).split(/\s+/).filter(Boolean)
  const trueRoot = !existsSync(join(base, 'cgroup.type'))
  return {
    mount,
    base,
    available: words('cgroup.controllers'),
    enabled: words('cgroup.subtree_control'),
    processes: trueRoot ? [] : words('cgroup.procs').map(Number),
    ...(existsSync(join(base, SUPERVISORS)) && { setAside: true }),
  }
}

/** `0::/user.slice/…` in `/proc/self/cgroup` is our place in the v2 tree. Ourselves set aside in a leaf, it is the leaf's parent. */
function ownCgroup(self: string): string {
  const path =
    self
      .split('\n')
      .find((line) => line.startsWith('0::'))
      ?.slice(3) ?? '/'
  return path.endsWith(`/${SUPERVISORS}`) ? join(path, '..') : path
}

/** The leaf into which processes that are in the way are moved. */
export const SUPERVISORS = 'boxwright-supervisors'

function readCpuset(mount: string | undefined): Cgroups['cpuset'] {
  if (mount === undefined) return { cpus: '', mems: '' }
  return { cpus: readOrEmpty(join(mount, 'cpuset.cpus')).trim(), mems: readOrEmpty(join(mount, 'cpuset.mems')).trim() }
}

function countsSwap(memory: string | undefined): boolean {
  return memory === undefined ? existsSync('/proc/swaps') : existsSync(join(memory, 'memory.memsw.limit_in_bytes'))
}

const isWritable = (path: string): boolean => mayAccess(path, constants.W_OK)
