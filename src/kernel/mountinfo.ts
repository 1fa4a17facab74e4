/** `/proc/PID/mountinfo`, read: proc_pid_mountinfo(5). */
import { readFileSync } from 'node:fs'

export interface MountEntry {
  id: number
  parent: number
  /** `major:minor` of the file system. */
  device: string
  /** What of the file system is mounted here: `/` unless it is a bind mount or a cgroup. */
  root: string
  mountPoint: string
  options: string[]
  /** `shared:N`, `master:N`, `unbindable`; none when the mount is private: mount_namespaces(7). */
  propagation: string[]
  type: string
  source: string
  superOptions: string[]
}

export function parseMountInfo(text: string): MountEntry[] {
  return text.split('\n').filter(Boolean).map(parseLine)
}

export function readMountInfo(pid: number | 'self' = 'self'): MountEntry[] {
  return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue` */
function parseLine(line: string): MountEntry {
  const hyphen = line.indexOf(' - ') // the first: a source may be a hyphen too
  const [before, after] = [line.slice(0, hyphen), line.slice(hyphen + 3)]
  const [id = '', parent = '', device = '', root = '', mountPoint = '', options = '', ...propagation] =
    before.split(' ')
  const [type = '', source = '', superOptions = ''] = after.split(' ')
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unescape(root),
    mountPoint: unescape(mountPoint),
    options: options.split(','),
    propagation,
    type,
    source: unescape(source),
    superOptions: superOptions.split(','),
  }
}

/** Space, tab, newline and backslash are written in octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
