/** What is so for a process: its root, mounts, threads, rights. Read from /proc/PID while the process is there; it is never asked itself. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseMountInfo, readMountInfo, type MountEntry } from '../../kernel/mountinfo.ts'
import { allPids, namespaceOf, type Namespace } from '../../kernel/proc.ts'
import { lookAt, type Place } from './place.ts'

// #region scene
export interface Scene {
  pid: number
  /** The effective user, as we count users. */
  uid: number
  /** Bits by number: capabilities(7). */
  capabilities: bigint
  threads: number
  /** Does a seccomp filter stand between the process and the kernel? */
  filtered: boolean
  /** Where its root lies in its mount namespace: `/` unless it has called chroot(2). */
  root: string
  /** Mount points as the process names them. */
  mounts: readonly MountEntry[]
  /** `proc_pid_uid_map`: empty while nobody has written it. */
  uidMap: string
  namespaces: Partial<Record<Namespace | 'pid_for_children', number>>
  /** Those of the process that looks, to compare with. */
  ours: Partial<Record<Namespace, number>>
  /** The directories of its cgroups, and of all above them: cgroups(7). */
  cgroups: readonly string[]
  /** All processes that there are to see. */
  processes: () => Neighbour[]
  /** What a path names for the process. */
  look: (path: string) => Place
  /** A file of the machine or of a process, as we see it; nothing when it is not there or not ours to read. */
  read: (path: string) => string | undefined
  /** For people: the host's path of what the process calls `path`. */
  onHost: (path: string) => string
}
// #endregion scene

export interface Neighbour {
  pid: number
  uid: number
  threads: number
  pidNamespace: number | undefined
  /** Its working directory, its root and its program. */
  stands: () => string[]
  /** Its open files. */
  open: () => { path: string; writes: boolean }[]
}

/** @param rootfs where the box's root lies on the host: after pivot_root(2) the process itself no longer tells. */
export function readScene(pid: number = process.pid, rootfs?: string): Scene {
  const root = linkOf(`/proc/${pid}/root`) ?? '/'
  const above = rootfs !== undefined && isSame(rootfs, `/proc/${pid}/root`) ? rootfs : root.replace(/^\/$/, '')
  const mounts = parseMountInfo(readText(`/proc/${pid}/mountinfo`) ?? '')
  return {
    pid,
    ...statusOf(pid),
    root,
    mounts,
    uidMap: readText(`/proc/${pid}/uid_map`)?.trim() ?? '',
    namespaces: { ...namespacesOf(pid), ...childrenPid(pid) },
    ours: namespacesOf('self'),
    cgroups: cgroupsOf(pid),
    processes: () => allPids().map(neighbour),
    look: (path) => lookAt(pid, path, mounts),
    read: readText,
    onHost: (path) => `${above}${path}` || '/',
  }
}

/** proc_pid_status(5). */
function statusOf(pid: number): Pick<Scene, 'uid' | 'capabilities' | 'threads' | 'filtered'> {
  const status = readText(`/proc/${pid}/status`) ?? ''
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  return {
    uid: Number(field('Uid').split(/\s+/)[1]),
    capabilities: BigInt(`0x${field('CapEff') || '0'}`),
    threads: Number(field('Threads')),
    filtered: field('Seccomp') === '2',
  }
}

function neighbour(pid: number): Neighbour {
  const { uid, threads } = statusOf(pid)
  const stands = (): string[] => ['cwd', 'root', 'exe'].flatMap((name) => linkOf(`/proc/${pid}/${name}`) ?? [])
  return { pid, uid, threads, pidNamespace: namespacesOf(pid).pid, stands, open: () => openFiles(pid) }
}

/** proc_pid_fdinfo(5): the last digit of the octal flags is 0 for reading, 1 for writing, 2 for both. */
function openFiles(pid: number): { path: string; writes: boolean }[] {
  const descriptors = ifReadable(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return descriptors.flatMap((fd) => {
    const path = linkOf(`/proc/${pid}/fd/${fd}`)
    const flags = /^flags:\s*\d*(\d)$/m.exec(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1]
    return path === undefined ? [] : [{ path, writes: flags !== '0' }]
  })
}

const NAMESPACES: Namespace[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']

function namespacesOf(pid: number | 'self'): Scene['ours'] {
  return Object.fromEntries(NAMESPACES.flatMap((name) => ifReadable(() => [[name, namespaceOf(pid, name)]]) ?? []))
}

/** Not the process's own, but the one in which its next child is born. There is no link before the first: pid_namespaces(7). */
function childrenPid(pid: number): { pid_for_children?: number } {
  const link = linkOf(`/proc/${pid}/ns/pid_for_children`)
  return link === undefined ? {} : { pid_for_children: Number(/\d+/.exec(link)?.[0]) }
}

/** Lines of `/proc/PID/cgroup`: `4:memory:/a/b` in v1, `0::/a/b` in v2. */
function cgroupsOf(pid: number): string[] {
  const lines = (readText(`/proc/${pid}/cgroup`) ?? '').split('\n').filter(Boolean)
  const mounts = readMountInfo()
  return lines.flatMap((line) => {
    const [, names = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const isIts = ({ type, superOptions }: MountEntry): boolean =>
      names === '' ? type === 'cgroup2' : type === 'cgroup' && superOptions.includes(names.split(',')[0] ?? '')
    const mount = mounts.find(isIts)
    return mount ? withAncestors(mount.mountPoint, path) : []
  })
}

function withAncestors(mountPoint: string, path: string): string[] {
  const parent = dirname(path)
  const here = join(mountPoint, path).replace(/\/$/, '')
  return parent === path ? [here] : [here, ...withAncestors(mountPoint, parent)]
}

/** A user namespace other than the machine's first: there every number is mapped to itself. */
export const isInUserNamespace = ({ uidMap }: Scene): boolean => !/^0\s+0\s+4294967295$/.test(uidMap)

const isSame = (one: string, other: string): boolean =>
  ifReadable(() => {
    const [a, b] = [statSync(one), statSync(other)]
    return a.dev === b.dev && a.ino === b.ino
  }) ?? false

const linkOf = (path: string): string | undefined => ifReadable(() => readlinkSync(path))

const readText = (path: string): string | undefined => ifReadable(() => readFileSync(path, 'utf8'))

/** What is not there, or not ours to read, is no fact. */
function ifReadable<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
