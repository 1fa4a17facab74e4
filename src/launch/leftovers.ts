/** Processes of a box that outlived its command. With a PID namespace there are none: the kernel ends them all with PID 1. */
import { existsSync, readFileSync } from 'node:fs'
import type { Host } from '../kernel/host.ts'
import { allPids, environmentOf, isAlive, parentOf, processId } from '../kernel/proc.ts'
import { signalProcess } from '../kernel/signal.ts'
import { BOX_MARK } from '../oci/defaults.ts'

// #region orphans
/** From here on a process of the box whose parent has died becomes our child, and not the host's: prctl(2). */
export function adoptOrphans(host: Host): void {
  if (!adopting) host.adopt()
  adopting = true
}

let adopting = false

/** Ends processes until there are none. @returns how many there were. @throws Error when one outlives SIGKILL by ten seconds. */
export function endProcesses(belongs: (pid: number) => boolean): number {
  const ended = new Set<number>()
  const deadline = Date.now() + 10_000
  for (let found = processes(belongs); found.length > 0; found = processes(belongs)) {
    for (const pid of found) signalProcess(pid, 'SIGKILL')
    for (const pid of found) ended.add(pid)
    if (Date.now() > deadline)
      throw new Error(`Cannot end process ${found[0]}: it outlives SIGKILL (see its state in /proc/${found[0]}/status)`)
  }
  return ended.size
}

export const carriesMark = (pid: number, id: string): boolean => environmentOf(pid).includes(`${BOX_MARK}=${id}`)

/** Those of our main thread, which starts all of them. Where the kernel keeps no list of them all processes are asked: proc_tid_children(5). */
export function ownChildren(): number[] {
  const list = `/proc/self/task/${process.pid}/children`
  if (!existsSync(list)) return allPids().filter((pid) => parentOf(pid) === process.pid)
  return readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number)
}
// #endregion orphans

function processes(belongs: (pid: number) => boolean): number[] {
  return allPids().filter((pid) => pid !== process.pid && belongs(pid) && isAlive(processId(pid)))
}
