/**
 * The processes of a trace: who bore whom, and which of them are on the way into the box. A runtime does not become the command in one step: it
 * starts a process, that starts another, and the last of the line becomes the command.
 */
import type { Traced } from './trace.ts'

export interface Family {
  /** How many there were; threads are no processes. */
  processes: number
  /** The process that a thread belongs to, by the number of its first thread. */
  processOf(pid: number): number
  /** Who bore this process; nobody of the first one. */
  bornBy(process: number): number | undefined
  /** Whether the process is the one that becomes the command, or stands in the line to it, the first process left out. */
  isInside(process: number): boolean
  /** How far down the line a process stands: 0 of one that is not on it. */
  depth(process: number): number
}

// #region family
/** @param command the number of the process that becomes the command. */
export function familyOf(calls: readonly Traced[], command: number): Family {
  const mothers = new Map<number, number>()
  const threads = new Map<number, number>()
  for (const call of calls) {
    const child = childOf(call)
    if (child === undefined) continue
    if (/\bCLONE_THREAD\b/.test(call.args.join())) threads.set(child, call.pid)
    else mothers.set(child, call.pid)
  }
  const processOf = (pid: number): number => (threads.has(pid) ? processOf(threads.get(pid) ?? 0) : pid)
  const bornBy = (process: number): number | undefined => {
    const mother = mothers.get(process)
    return mother === undefined ? undefined : processOf(mother)
  }
  const line = lineTo(processOf(command), bornBy).slice(1)
  const all = new Set(calls.map(({ pid }) => processOf(pid)))
  return {
    processes: all.size,
    processOf,
    bornBy,
    isInside: (process) => line.includes(process),
    depth: (process) => line.indexOf(process) + 1,
  }
}
// #endregion family

/** From the first process down to this one. */
function lineTo(process: number, bornBy: (process: number) => number | undefined): number[] {
  const mother = bornBy(process)
  return mother === undefined ? [process] : [...lineTo(mother, bornBy), process]
}

/** Of a birth in another PID namespace strace says both numbers, the namespace's and, in a comment, the one that it counts by itself. */
export function childOf({ call, result }: Traced): number | undefined {
  if (!/^(clone3?|v?fork)$/.test(call)) return undefined
  const number = /\/\* (\d+) in strace/.exec(result)?.[1] ?? /^\d+/.exec(result)?.[0]
  return number === undefined || number === '0' ? undefined : Number(number)
}
