/** What a container can leave behind on a host: mounts, cgroups, network interfaces, processes. Counted before and after. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readMountInfo } from './mountinfo.ts'
import { allPids, environmentOf } from './proc.ts'

export interface Inventory {
  mounts: string[]
  cgroups: string[]
  interfaces: string[]
  processes: string[]
}

// #region inventory
/** @param mark a variable in the environment by which processes of ours are known; the host's own come and go all the time. */
export function inventory(mark: string): Inventory {
  const mounts = readMountInfo()
  const cgroupMounts = mounts.filter(({ type }) => type.startsWith('cgroup')).map(({ mountPoint }) => mountPoint)
  return {
    mounts: mounts.map(({ id, mountPoint, type, options }) => `${mountPoint} (${type}, ${options.join(',')}, #${id})`),
    cgroups: cgroupMounts.flatMap(directoriesBelow),
    interfaces: readdirSync('/sys/class/net'),
    processes: allPids()
      .filter((pid) => environmentOf(pid).some((entry) => entry.startsWith(`${mark}=`)))
      .map(String),
  }
}
// #endregion inventory

/** @returns a line for each thing that is new or gone: `left: cgroup /sys/fs/cgroup/…`. None when nothing changed. */
export function differences(before: Inventory, after: Inventory): string[] {
  const kinds = ['mounts', 'cgroups', 'interfaces', 'processes'] as const
  return kinds.flatMap((kind) => {
    const name = kind === 'processes' ? 'process' : kind.slice(0, -1)
    const left = after[kind].filter((entry) => !before[kind].includes(entry)).map((entry) => `left: ${name} ${entry}`)
    const gone = before[kind].filter((entry) => !after[kind].includes(entry)).map((entry) => `gone: ${name} ${entry}`)
    return kind === 'processes' ? left : [...left, ...gone]
  })
}

/** Cgroups come and go while they are listed. */
function directoriesBelow(directory: string): string[] {
  try {
    const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return [directory, ...children.flatMap(({ name }) => directoriesBelow(join(directory, name)))]
  } catch {
    return []
  }
}
