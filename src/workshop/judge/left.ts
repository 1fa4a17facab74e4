/** What a program leaves behind, or has not: processes, mounts and cgroups on the host, files in the root file system. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as passed } from 'node:timers/promises'
import { MNT_DETACH } from '../../kernel/constants.ts'
import { inventory } from '../../kernel/inventory.ts'
import { byFfi } from '../../kernel/host.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { allPids } from '../../kernel/proc.ts'
import { BOX_MARK } from '../../oci/defaults.ts'
import { endProcesses } from '../../launch/leftovers.ts'
import { sweep } from '../../launch/ledger.ts'
import type { Arena } from './arena.ts'
import { interfaceNames } from './look-network.ts'
import type { BoxFacts, Left } from './facts.ts'

export interface Before {
  rootfs: string
  files: string[]
  cgroups: ReadonlySet<string>
  interfaces: readonly string[]
  /** What the program's containers will be called, and their cgroups after them. */
  names: readonly string[]
}

export const survey = (rootfs: string, names: readonly string[] = []): Before => ({
  rootfs,
  names,
  files: filesOf(rootfs),
  cgroups: new Set(inventory(BOX_MARK).cgroups),
  interfaces: interfaceNames(),
})

const filesOf = (rootfs: string): string[] => readdirSync(rootfs, { recursive: true, encoding: 'utf8' })

/** What is going just now is given a moment; a program that leaves nothing is not waited for. */
const MOMENT_MS = 5000

// #region left
/** Looks, takes away what there is, and then looks at the root file system, in which nothing is mounted any more. */
export async function leftBehind(before: Before, box: BoxFacts | undefined, arena: Arena): Promise<Left> {
  const found = await waitForNothing(before, box, arena)
  clear(before, box, arena)
  return { ...found, rootfs: filesOf(before.rootfs).filter((path) => !before.files.includes(path)) }
}
// #endregion left

async function waitForNothing(before: Before, box: BoxFacts | undefined, arena: Arena): Promise<Omit<Left, 'rootfs'>> {
  const deadline = Date.now() + MOMENT_MS
  for (;;) {
    const left = look(before, box, arena)
    if (Object.values(left).every(({ length }) => length === 0) || Date.now() > deadline) return left
    await passed(20)
  }
}

const look = (before: Before, box: BoxFacts | undefined, arena: Arena): Omit<Left, 'rootfs'> => ({
  processes: processesOf(arena).map((pid) => `process ${pid} (${nameOf(pid)})`),
  mounts: foreignMounts(arena).map((mountPoint) => `mount ${mountPoint.replace(before.rootfs, 'ROOTFS')}`),
  cgroups: cgroupsOf(box, before),
  interfaces: interfaceNames()
    .filter((name) => !before.interfaces.includes(name))
    .map((name) => `interface ${name}`),
})

/** Mounts in the arena that are not the judge's own. */
export const foreignMounts = ({ known }: Arena): string[] =>
  readMountInfo()
    .filter(({ id }) => !known.has(id))
    .map(({ mountPoint }) => mountPoint)

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

/** New ones that are the program's: the box was in them, or in one below, or they have its name. Other boxes on the machine make cgroups too. */
function cgroupsOf(box: BoxFacts | undefined, { cgroups, names }: Before): string[] {
  const seen = (box?.shares?.cgroups ?? []).filter(({ own }) => own).map(({ directory }) => `${directory}/`)
  const called = box?.name === undefined ? names : [...names, box.name]
  const isIts = (path: string): boolean =>
    seen.some((directory) => directory.startsWith(`${path}/`)) || called.some((name) => path.includes(name))
  return inventory(BOX_MARK).cgroups.filter((path) => !cgroups.has(path) && isIts(path))
}

// #region clear
export function clear(before: Before, box: BoxFacts | undefined, arena: Arena): void {
  endProcesses((pid) => isOn(pid, arena.device))
  sweep(byFfi)
  for (const mountPoint of foreignMounts(arena).reverse()) calls.umount2(mountPoint, MNT_DETACH)
  for (const path of cgroupsOf(box, before)) calls.remove_cgroup(path)
}
// #endregion clear
