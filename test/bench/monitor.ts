/** What stays while a box runs: how many processes besides the box's own, and how much memory is theirs. */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readMachine } from '../../src/kernel/machine.ts'
import { allPids, parentOf, statusField } from '../../src/kernel/proc.ts'
import { addon, built } from '../../src/launch/addon.ts'
import { encode } from '../../src/plan/encode.ts'
import { plan } from '../../src/plan/plan.ts'
import { specOf, WALLS } from './box.ts'
import type { Place } from './subjects.ts'

export interface Monitor {
  processes: number
  /** VmRSS of all of them: proc_pid_status(5). */
  kibibytes: number
}

export async function lookAtMonitor({ directory, rootfs }: Place): Promise<Monitor> {
  const bytes = join(directory, 'sleep.plan')
  const spec = specOf(rootfs, 'bench')
  writeFileSync(
    bytes,
    encode(plan({ ...spec, process: { ...spec.process, args: ['/bin/sleep', '1000'] } }, WALLS, readMachine())),
  )
  const file = openSync(built('launch'), 'r')
  const { pid, socket } = addon().start({
    file,
    args: ['launch', bytes],
    env: [],
    descriptors: [0, 1, 2],
    session: false,
  })
  try {
    while (!boxOf(pid)) await sleep(5)
    const all = [pid, ...below(pid).filter((child) => child !== boxOf(pid))]
    return { processes: all.length, kibibytes: all.reduce((sum, pid) => sum + residentOf(pid), 0) }
  } finally {
    process.kill(pid, 'SIGKILL')
    for (const fd of [file, socket]) closeSync(fd)
    addon().wait(pid)
  }
}

const below = (parent: number): number[] =>
  allPids()
    .filter((pid) => parentOf(pid) === parent)
    .flatMap((pid) => [pid, ...below(pid)])

const boxOf = (parent: number): number | undefined => below(parent).find((pid) => statusField(pid, 'Name') === 'sleep')

const residentOf = (pid: number): number => parseInt(statusField(pid, 'VmRSS'))
