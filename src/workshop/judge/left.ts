/** What a program leaves behind, or has not: processes, mounts and cgroups on the host, files in the root file system. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { inventory } from '../../kernel/inventory.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { allPids } from '../../kernel/proc.ts'
import { BOX_MARK } from '../../oci/defaults.ts'
import { endProcesses } from '../../launch/leftovers.ts'
import { sweep } from '../../launch/ledger.ts'
import type { Arena } from './arena.ts'
import type { BoxFacts, Left } from './facts.ts'

export interface Before {
  rootfs: string
  files: string[]
  cgroups: ReadonlySet<string>
}

export const survey = (rootfs: string): Before => ({
  rootfs,
  files: filesOf(rootfs),
  cgroups: new Set(inventory(BOX_MARK).cgroups),
})

const filesOf = (rootfs: string): string[] => readdirSync(rootfs, { recursive: true, encoding: 'utf8' })

/** What is going just now is given a moment; a program that leaves nothing is not waited for. */
const MOMENT_MS = 5000

// #region left
export async function leftBehind(before: Before, box: BoxFacts | undefined, arena: Arena): Promise<Left> {
  const deadline = Date.now() + MOMENT_MS
  for (;;) {
    const left = look(before, box, arena)
    if (Object.values(left).every(({ length }) => length === 0) || Date.now() > deadline) return left
    await passed(20)
  }
}
// #endregion left

function look({ rootfs, files, cgroups }: Before, box: BoxFacts | undefined, arena: Arena): Left {
  const mounts = readMountInfo().filter(({ id }) => !arena.known.has(id))
  return {
    host: [
      ...processesOf(arena).map((pid) => `process ${pid} (${nameOf(pid)})`),
      ...mounts.map(({ mountPoint }) => `mount ${mountPoint.replace(rootfs, 'ROOTFS')}`),
    ],
    cgroups: [...new Set([...ownCgroups(box).filter((path) => existsSync(path)), ...abandoned(cgroups)])],
    rootfs: filesOf(rootfs).filter((path) => !files.includes(path)),
  }
}

/** Processes whose root or program is in the arena: of whatever program, and in whatever namespaces. */
export const processesOf = ({ device }: Arena): number[] => allPids().filter((pid) => isOn(pid, device))

const isOn = (pid: number, device: number): boolean =>
  ['root', 'exe'].some((link) => {
    try {
      return statSync(`/proc/${pid}/${link}`).dev === device
    } catch {
      return false // it has just ended, or is one of the kernel's
    }
  })

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'ended meanwhile'
  }
}

const ownCgroups = (box: BoxFacts | undefined): string[] =>
  (box?.shares?.cgroups ?? []).filter(({ own }) => own).map(({ directory }) => directory)

/** New, and with nobody in it. Other boxes on the machine are new as well, and have somebody. */
const abandoned = (before: ReadonlySet<string>): string[] =>
  inventory(BOX_MARK).cgroups.filter((path) => !before.has(path) && isEmpty(path))

function isEmpty(cgroup: string): boolean {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') === ''
  } catch {
    return false // it has just been removed
  }
}

// #region clear
/** Takes away what has been left. Of cgroups only those that the box was seen in, and that were not there before. */
export function clear(before: Before, box: BoxFacts | undefined, arena: Arena): void {
  endProcesses((pid) => isOn(pid, arena.device))
  sweep()
  for (const path of ownCgroups(box)) if (!before.cgroups.has(path)) calls.remove_cgroup(path)
}
// #endregion clear
