/** Processes on their way out. Whoever has been sent SIGKILL does nothing more of their own, but is not gone yet, and neither is what goes with them. */
import { readFileSync } from 'node:fs'
import { isAlive, processId, statusField, type ProcessId } from './proc.ts'

/** include/linux/sched.h; proc_pid_stat(5), field 9. */
const PF_EXITING = 4
const PF_FORKNOEXEC = 0x40

/** SIGKILL waits for it, or the kernel is taking it down: proc_pid_status(5), ShdPnd. */
export function isEnding(process: ProcessId): boolean {
  try {
    return isAlive(process) && (isKilled(process.pid) || (flagsOf(process.pid) & PF_EXITING) !== 0)
  } catch {
    return false // it has gone while it was looked at
  }
}

/** @returns whether it is still what it was born as, dead or alive: no execve(2) since. Nothing when that cannot be known any more, as its parent has waited for it. */
export function neverBegan({ pid, started }: ProcessId): boolean | undefined {
  try {
    const flags = flagsOf(pid)
    return processId(pid)?.started === started ? (flags & PF_FORKNOEXEC) !== 0 : undefined
  } catch {
    return undefined
  }
}

const isKilled = (pid: number): boolean =>
  ['ShdPnd', 'SigPnd'].some((field) => ((BigInt(`0x${statusField(pid, field)}`) >> 8n) & 1n) === 1n)

function flagsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6])
}

/** What a process was started with; nothing of one that is gone, or going: its memory goes first. */
export function wordsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}
