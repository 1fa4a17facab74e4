/** What the kernel says of a process: proc(5). Nothing here asks the process itself. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export type Namespace = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts'

// #region names
/** A namespace's identity: `mnt:[4026531841]` is 4026531841 – proc_pid_ns(5). */
export function namespaceOf(pid: number | 'self', namespace: Namespace): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${namespace}`))?.[1])
}

/** A field of `/proc/PID/status`, such as `NSpid` or `SigCgt`: proc_pid_status(5). */
export const statusField = (pid: number | 'self', field: string): string => fieldIn(statusOf(pid), field)

export const statusOf = (pid: number | 'self'): string => readFileSync(`/proc/${pid}/status`, 'utf8')

export const fieldIn = (status: string, field: string): string =>
  status
    .split('\n')
    .find((line) => line.startsWith(`${field}:`))
    ?.slice(field.length + 1)
    .trim() ?? ''

/** The process's number in each PID namespace that it is in, ours first. */
export const pidsOf = (pid: number): number[] => statusField(pid, 'NSpid').split(/\s+/).map(Number)
// #endregion names

// #region identity
export interface ProcessId {
  pid: number
  /** Clock ticks after boot. With it a number that the kernel has given to another process since is told apart. */
  started: number
}

/** proc_pid_stat(5): the command's name, field 2, may hold spaces and parentheses; fields are counted from its end. */
export function processId(pid: number): ProcessId | undefined {
  const fields = statFields(pid)
  return fields && { pid, started: Number(fields[19]) }
}

export function parentOf(pid: number): number | undefined {
  const fields = statFields(pid)
  return fields && Number(fields[1])
}

/** A zombie is not alive: it has ended, and only its parent has not yet asked how. When that has been asked, it is X for a moment: dead. */
export function isAlive(process: ProcessId | undefined): boolean {
  const fields = process && statFields(process.pid)
  return Number(fields?.[19]) === process?.started && !hasEnded(fields)
}

const hasEnded = (fields: readonly string[] | undefined): boolean => /^[ZX]$/.test(fields?.[0] ?? 'X')

/** Of a child that has ended, and that nobody has waited for: proc_pid_stat(5), field 52, in the form of waitpid(2). @returns as a shell counts. */
export function exitStatusOf(pid: number): number | undefined {
  const fields = statFields(pid)
  if (fields && !hasEnded(fields)) return undefined
  const status = Number(fields?.[49] ?? 0)
  return (status & 0x7f) === 0 ? status >> 8 : 128 + (status & 0x7f)
}
// #endregion identity

/** @returns the fields from the third, the state, on; nothing when the process is gone. */
function statFields(pid: number): string[] | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

// #region everyone
export const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** The environment with which a process was started; none of a process that is gone, or not ours to read. */
export const environmentOf = (pid: number): string[] =>
  readIfThere(`/proc/${pid}/environ`)?.split('\0').filter(Boolean) ?? []
// #endregion everyone

/** Processes come and go while they are looked at. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
