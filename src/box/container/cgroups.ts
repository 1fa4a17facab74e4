/**
 * The runtime's cgroups. A lesson's box joins those that it needs; a container joins every hierarchy there is, as with runC, since whoever asks for it
 * later may want to freeze it, count it, or see what it used. The path is its maker's, and may be several cgroups deep.
 */
import { basename, dirname, join } from 'node:path'
import type { CgroupPlace } from '../../kernel/cgroups.ts'
import type { Level, Site } from '../../kernel/cgroup-sites.ts'
import { readJson } from '../../oci/json.ts'
import { box, host, type Draft, type Plan, type Wall } from '../../plan/plan.ts'
import { handedOver } from './cgroup-ownership.ts'
import { refuseSites } from './cgroup-refusals.ts'
import { handDown } from './hand-down.ts'
import { limitsOf, type Placed } from './limits.ts'
import { written } from './resource-limit.ts'
import { roundedQuota } from './resource-weights.ts'
import { isSystemds, unitStarted, type SystemdWish } from './systemd-cgroup.ts'

// #region container-cgroups
export const containerCgroups: Wall = {
  name: 'container-cgroups',
  lesson: 13,
  steps: (spec, { cgroups: { place } }) => {
    if (!place) return []
    const { linux, annotations } = spec
    const open = oursIn(place)
    const resources = open.unit
      ? roundedQuota(linux.resources)
      : linux.resources
    const limits = limitsOf(resources, open)
    refuseSites(open, limits)
    const ready = [
      ...open.sites.flatMap((site) => made(site, open, limits)),
      ...limits.map((limit) => written(limit, limit.site)),
      ...handedOver(spec, open),
    ]
    if (!open.unit) return [...ready, ...open.sites.map(enter)]
    return [
      unitStarted(open.unit, open, { resources, annotations }, ready),
      ...open.sites.filter((site) => !isSystemds(site)).map(enter),
    ]
  },
}
// #endregion container-cgroups

/** Who is not root has what has been delegated to them. A path that was asked for has to be made, ours or not. */
function oursIn(place: CgroupPlace): CgroupPlace {
  const sites = place.sites.filter(({ writable }) => writable)
  return place.asked || sites.length === place.sites.length
    ? place
    : { ...place, sites }
}

// #region made
/** As `mkdir -p` would. Another container may be making the same parents; its own directory everybody makes alone. */
const made = (
  site: Site,
  place: CgroupPlace,
  limits: readonly Placed[],
): Draft[] => {
  const ready = (level: Level): Draft[] => [
    ...(level === site.levels.at(-1) ? own(level) : [onTheWay(level)]),
    ...(site.controllers.includes('cpuset') && site.version === 1
      ? inherited(level, site, limits)
      : []),
    ...(level === site.levels.at(-1)
      ? []
      : handDown(level, site, place, limits)),
  ]
  return [
    ...handDown(site.mount, site, place, limits),
    ...site.levels.flatMap(ready),
  ]
}

const own = ({ directory, there }: Level): Draft[] =>
  there
    ? []
    : [
        host('mkdir', [directory, 0o755], 'a directory here is a cgroup', {
          undo: { call: 'remove_cgroup', args: [directory] },
        }),
      ]

/** Made even when it is there: the last container below it may be taking it away. */
const onTheWay = ({ directory, there }: Level): Draft =>
  host('mkdir', [directory, 0o755], 'a cgroup on the way to it', {
    fine: ['EEXIST'],
    ...(!there && {
      undo: {
        call: 'rmdir',
        args: [directory],
        fine: ['EBUSY', 'ENOENT', 'ENOTEMPTY'],
      },
    }),
  })
// #endregion made

// #region inherited
/** cpuset(7): a new one of version 1 is empty, and takes nobody in; what the container has no wish about it has from above. */
function inherited(
  { directory, cpus, mems }: Level,
  site: Site,
  limits: readonly Placed[],
): Draft[] {
  const wishes = limits
    .filter((limit) => limit.site === site)
    .map(({ file }) => join(site.directory, file))
  const from = (name: 'cpus' | 'mems', own: string | undefined): Draft[] => {
    const file = join(directory, `cpuset.${name}`)
    const above = [site.mount, ...site.levels].filter((level) =>
      directory.startsWith(`${level.directory}/`),
    )
    const value = above.findLast((level) => level[name])?.[name] ?? ''
    return own || wishes.includes(file)
      ? []
      : [host('write', [file, value], 'as the cgroup above has it')]
  }
  return [...from('cpus', cpus), ...from('mems', mems)]
}
// #endregion inherited

// #region enter
/**
 * Version 2 has a container born in its cgroup (clone3(2), CLONE_INTO_CGROUP); into one of version 1 it walks, as the single thread that it is: for
 * "cgroup.procs" the kernel would keep all threads from being born meanwhile, and wait ten milliseconds until it can (cgroup_attach_lock).
 */
const enter = ({ version, directory }: Site): Draft =>
  version === 2
    ? host('clone_into_cgroup', [directory], 'the container is born there')
    : box(
        'write',
        [join(directory, 'tasks'), '0'],
        '0 is whoever writes: it walks in by itself',
      )

/** The container's cgroups, of a plan that has such steps: what is frozen, counted and taken away by. */
export const cgroupsOf = (plan: Plan): string[] => [
  ...new Set(
    plan.flatMap(({ call, args }) => {
      if (call === 'clone_into_cgroup') return [args[0]]
      if (call === 'ask' && args[0] === 'systemd')
        return (readJson(args[1]) as SystemdWish).cgroups
      return call === 'write' &&
        args[1] === '0' &&
        basename(args[0]) === 'tasks'
        ? [dirname(args[0])]
        : []
    }),
  ),
]
// #endregion enter
