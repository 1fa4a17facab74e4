/** What a path names for another process: followed in its root, not in ours, through the magic links of /proc/PID (proc_pid_root(5)). */
import { closeSync, openSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs'
import { O_PATH } from '../../kernel/constants.ts'
import { resolveInRoot } from '../../kernel/in-root.ts'
import { readMountInfo, type MountEntry } from '../../kernel/mountinfo.ts'

// #region place
export type Place =
  | {
      found: true
      kind: 'directory' | 'file' | 'block' | 'character' | 'other'
      mode: number
      inode: number
      /** Who owns it, as we count users. */
      uid: number
      /** As the process would name it, without links. */
      path: string
      /** As we can open it. */
      file: string
      /** The mount that it lies in. */
      mount?: MountEntry
      /** Is it where that mount is mounted? */
      isMountPoint: boolean
    }
  | { found: false; code: string; fact: string }
// #endregion place

export function lookAt(pid: number, path: string, mounts: readonly MountEntry[]): Place {
  const root = `/proc/${pid}/root`
  const named = path.replace(/^\/proc\/self(?=\/|$)/, `/proc/${pid}`)
  return found(root, named, mounts, () => resolve(pid, root, named))
}

/** The same for somebody whose root that was, and who has gone. */
export const lookBelow = (root: string, path: string, mounts: readonly MountEntry[]): Place =>
  found(root, path, mounts, () => {
    const file = resolveInRoot(root, path)
    return { file, inside: file.slice(root.length) || '/' }
  })

function found(
  root: string,
  named: string,
  mounts: readonly MountEntry[],
  resolved: () => { file: string; inside: string },
): Place {
  try {
    const { file, inside } = resolved()
    return { ...describe(file, inside, mounts), file }
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException
    const prefix = `Cannot resolve "${named}" in "${root}": `
    const missing = code === 'ENOENT' && !message.startsWith(prefix)
    return { found: false, code, fact: missing ? `there is no "${named}"` : message.replace(prefix, '') }
  }
}

/** `.` and `/` are taken as the process has them: something may have been mounted over either since. */
function resolve(pid: number, root: string, path: string): { file: string; inside: string } {
  if (/^\/+$/.test(path)) return { file: root, inside: '/' }
  if (MAGIC.test(path)) return { file: path, inside: path }
  const cwd = workingDirectory(pid)
  if (path === '.') return { file: `/proc/${pid}/cwd`, inside: cwd ?? '.' }
  if (cwd === undefined && !path.startsWith('/')) {
    const file = resolveInRoot(`/proc/${pid}/cwd`, path)
    return { file, inside: file }
  }
  const file = resolveInRoot(root, path, cwd)
  return { file, inside: file.slice(root.length) || '/' }
}

/** Links whose text is no path: only the kernel can follow them. proc_pid_ns(5), proc_pid_fd(5). */
const MAGIC = /^\/proc\/\d+\/(ns|fd|cwd|root|exe)(\/|$)/

/** As the process would name it; nothing when it lies outside its root. */
function workingDirectory(pid: number): string | undefined {
  const [root, cwd] = [readlinkSync(`/proc/${pid}/root`), readlinkSync(`/proc/${pid}/cwd`)]
  if (root === '/') return cwd
  return `${cwd}/`.startsWith(`${root}/`) ? cwd.slice(root.length) || '/' : undefined
}

function describe(file: string, path: string, mounts: readonly MountEntry[]) {
  const stats = statSync(file)
  const id = mountIdOf(file)
  const seen = mounts.find((mount) => mount.id === id)
  // A process in a chroot is not shown the mount that its root lies in: it is one of ours then.
  const mount = seen ?? readMountInfo().find((one) => one.id === id)
  const isMountPoint = seen?.mountPoint === path
  return {
    found: true as const,
    kind: kindOf(stats),
    mode: stats.mode,
    inode: stats.ino,
    uid: stats.uid,
    path,
    isMountPoint,
    ...(mount && { mount }),
  }
}

/** proc_pid_fdinfo(5): the number that the mount has in mountinfo too. */
function mountIdOf(file: string): number {
  const fd = openSync(file, O_PATH)
  try {
    return Number(/^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1])
  } finally {
    closeSync(fd)
  }
}

function kindOf(stats: Stats): 'directory' | 'file' | 'block' | 'character' | 'other' {
  if (stats.isDirectory()) return 'directory'
  if (stats.isFile()) return 'file'
  if (stats.isBlockDevice()) return 'block'
  return stats.isCharacterDevice() ? 'character' : 'other'
}

export const KINDS = {
  directory: 'a directory',
  file: 'a file',
  block: 'a block device',
  character: 'a character device',
  other: 'a pipe or a socket',
} as const

/** "the mount /data (tmpfs)". */
export const mountName = (mount: MountEntry | undefined): string =>
  mount ? `the mount ${mount.mountPoint} (${mount.type})` : 'a mount out of its sight'
