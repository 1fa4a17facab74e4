/** Cgroups that are no place for a container. */
import type { CgroupPlace } from '../../kernel/cgroups.ts'
import type { Level, Site } from '../../kernel/cgroup-sites.ts'
import { missingIn, wantedIn } from './hand-down.ts'
import type { Placed } from './limits.ts'

// #region refusals
/** @throws Error saying what is so, before anything is made. */
export function refuseSites(
  { sites }: CgroupPlace,
  limits: readonly Placed[],
): void {
  for (const site of sites) {
    const problem =
      whole(site) ??
      lively(site) ??
      untouchable(site) ??
      crowded(site, limits) ??
      threaded(site)
    if (problem)
      throw new Error(
        `Cannot put the container into cgroup "${site.directory}": ${problem}`,
      )
  }
}
// #endregion refusals

const whole = ({ directory, mount }: Site): string | undefined =>
  directory === mount.directory
    ? 'it is all that the machine has\n  Give linux.cgroupsPath a name below it'
    : undefined

/**
 * runC warned of it up to 1.1, and refuses since 1.2: two containers in one cgroup are frozen, limited and killed together. systemd's hierarchy has no
 * limits, and its scopes have processes from the start.
 */
function lively({
  directory,
  processes,
  frozen,
  controllers,
}: Site): string | undefined {
  if (controllers.includes('name=systemd')) return undefined
  if (processes > 0)
    return `${processes} ${processes === 1 ? 'process lives' : 'processes live'} in it\n  Give each container a cgroupsPath of its own, or end what is left: cat ${directory}/cgroup.procs`
  return frozen
    ? 'it is frozen, and nobody could start in it\n  Thaw it first'
    : undefined
}

const untouchable = ({ writable, levels, mount }: Site): string | undefined =>
  writable
    ? undefined
    : `"${levels.findLast(({ there }) => there)?.directory ?? mount.directory}" is not ours to write\n  Go on without it (--rootless=true, and no linux.cgroupsPath), or have the cgroup delegated: systemd-run --user --scope -p Delegate=yes …`

function crowded(site: Site, limits: readonly Placed[]): string | undefined {
  const wanted = wantedIn(site, limits)
  const isInTheWay = (level: Level): boolean =>
    missingIn(level, site).some((name) => wanted.includes(name))
  const level = [site.mount, ...site.levels.slice(0, -1)].find(
    (level) => level.occupied && isInTheWay(level),
  )
  return level
    ? `"${level.directory}" has processes of its own, so it cannot hand down ${missingIn(
        level,
        site,
      )
        .filter((name) => wanted.includes(name))
        .join(', ')}\n  Move them to a cgroup beside it, or leave the limit out`
    : undefined
}

/** Controllers of memory, say, want whole processes: cgroups(7), "Thread mode". */
function threaded({ version, levels }: Site): string | undefined {
  const level = levels.find(
    ({ type }) => type !== undefined && type !== 'domain',
  )
  return version === 2 && level
    ? `"${level.directory}" is ${level.type}, and takes no whole processes\n  Choose a cgroupsPath elsewhere`
    : undefined
}
