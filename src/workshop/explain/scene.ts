/** What is so for a process: its root, mounts, threads, rights. Read from /proc/PID while the process is there; it is never asked itself. */
import { readFileSync, readlinkSync } from 'node:fs'
import { parseMountInfo, type MountEntry } from '../../kernel/mountinfo.ts'
import { namespaceOf, type Namespace } from '../../kernel/proc.ts'
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
  /** Those of the machine's first process, to compare with. */
  host: Partial<Record<Namespace, number>>
  /** What a path names for the process. */
  look(path: string): Place
  /** A file of the machine or of a process, as we see it; nothing when it is not there or not ours to read. */
  read(path: string): string | undefined
  /** For people: the host's path of what the process calls `path`. */
  onHost(path: string): string
}
// #endregion scene

/** @param rootfs where the box's root lies on the host: after pivot_root(2) the process itself no longer tells. */
export function readScene(pid: number = process.pid, rootfs?: string): Scene {
  const status = readText(`/proc/${pid}/status`) ?? ''
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  const root = linkOf(`/proc/${pid}/root`)
  const mounts = parseMountInfo(readText(`/proc/${pid}/mountinfo`) ?? '')
  return {
    pid,
    uid: Number(field('Uid').split(/\s+/)[1]),
    capabilities: BigInt(`0x${field('CapEff') || '0'}`),
    threads: Number(field('Threads')),
    filtered: field('Seccomp') === '2',
    root,
    mounts,
    uidMap: readText(`/proc/${pid}/uid_map`)?.trim() ?? '',
    namespaces: { ...namespacesOf(pid), ...childrenPid(pid) },
    host: namespacesOf(1),
    look: (path) => lookAt(pid, path, mounts),
    read: readText,
    onHost: (path) => (rootfs === undefined ? path : `${rootfs}${path}`),
  }
}

const NAMESPACES: Namespace[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']

function namespacesOf(pid: number): Scene['host'] {
  return Object.fromEntries(NAMESPACES.flatMap((name) => ifReadable(() => [[name, namespaceOf(pid, name)]]) ?? []))
}

/** Not the process's own, but the one in which its next child is born: pid_namespaces(7). */
function childrenPid(pid: number): { pid_for_children?: number } {
  const link = ifReadable(() => readlinkSync(`/proc/${pid}/ns/pid_for_children`))
  return link === undefined ? {} : { pid_for_children: Number(/\d+/.exec(link)?.[0]) }
}

/** A user namespace other than the machine's first: there every number is mapped to itself. */
export const isInUserNamespace = ({ uidMap }: Scene): boolean => !/^0\s+0\s+4294967295$/.test(uidMap)

const linkOf = (path: string): string => ifReadable(() => readlinkSync(path)) ?? '/'

const readText = (path: string): string | undefined => ifReadable(() => readFileSync(path, 'utf8'))

/** What is not there, or not ours to read, is no fact. */
function ifReadable<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
