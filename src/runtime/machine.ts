/** The machine, as a container meets it: with the place where its cgroups go. */
import { readFileSync } from 'node:fs'
import { readHierarchies, readSites } from '../kernel/cgroup-sites.ts'
import { readCgroups, type CgroupPlace } from '../kernel/cgroups.ts'
import type { Machine } from '../kernel/machine.ts'
import { readOrEmpty } from '../kernel/file.ts'
import { readMountInfo } from '../kernel/mountinfo.ts'
import { readSecurity } from '../kernel/security.ts'
import { readUsers, type Users } from '../kernel/users.ts'
import type { Settings } from './settings.ts'
import { refuseWithoutSystemd } from './systemd.ts'
import { cgroupOf, unitOf } from './systemd-unit.ts'

// #region machine
/** @param asked `linux.cgroupsPath`, where the container has one; without, its cgroup is called as itself is, and lies where ours lies. */
export function machineFor(
  id: string,
  asked?: string,
  settings: Partial<Settings> = {},
  mounts = readMountInfo(),
): Machine {
  const users = readUsers()
  const own = readOrEmpty('/proc/self/cgroup')
  const place = settings.systemdCgroup
    ? placeOfUnit(id, asked, users)
    : Object.assign(readSites(asked || id, readHierarchies(mounts, own)), {
        asked: Boolean(asked) || !isLenient(settings, users),
      })
  const delegated = readOrEmpty('/sys/kernel/cgroup/delegate').split('\n').filter(Boolean)
  if (delegated.length > 0) Object.assign(place, { delegated })
  return { cgroups: { ...readCgroups(mounts, own), place }, users, security: readSecurity(), network: NOT_OURS }
}
// #endregion machine

/** Does it go on without the cgroups that are not ours? As with runC, who is root does so only when told to: a limit is not to be lost by chance. */
function isLenient({ rootless = 'auto' }: Partial<Settings>, { namespaced }: Users): boolean {
  return rootless === 'auto' ? process.geteuid?.() !== 0 || namespaced : rootless === 'true'
}

/** Whoever drives a runtime connects its containers. Nothing is asked of the network, which would take FFI. */
const NOT_OURS = { ours: false, resolver: [] }

// #region unit
/** A user's own systemd has its cgroup below root's. */
function placeOfUnit(id: string, asked: string | undefined, { namespaced }: Users): CgroupPlace {
  refuseWithoutSystemd()
  const isRoot = process.geteuid?.() === 0 && !namespaced
  const unit = unitOf(asked, id, !isRoot)
  const place = readSites(`${isRoot ? '' : ownManager()}${cgroupOf(unit)}`)
  const sites = place.sites.map((site) => ({ ...site, writable: true }))
  return Object.assign(place, { sites, asked: true, unit })
}

function ownManager(): string {
  const uid = process.geteuid?.() ?? 0
  const [own] = /\/.*\/user@\d+\.service/.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? []
  return own ?? `/user.slice/user-${uid}.slice/user@${uid}.service`
}
// #endregion unit
