/**
 * Controllers, handed down. A cgroup of version 2 has those that its parent has written to `cgroup.subtree_control`, and so on up to the root; and
 * who hands something down may have no processes of its own, except for the true root: cgroups(7), "no internal processes".
 */
import { join } from 'node:path'
import type { CgroupPlace } from '../../kernel/cgroups.ts'
import type { Level, Site } from '../../kernel/cgroup-sites.ts'
import { host, type Draft } from '../../plan/plan.ts'
import type { Placed } from './limits.ts'

/** Such as a cpu controller while somebody runs in real time, or one that a parent has not. */
const REFUSALS = [
  'EBUSY',
  'EINVAL',
  'ENOENT',
  'ENODEV',
  'EOPNOTSUPP',
  'EPERM',
  'EACCES',
]

// #region hand-down
/**
 * What a limit needs has to be there. All others are asked for one by one, since they are only good to have: for numbers, and for limits of later. In
 * a hybrid machine nobody expects them there.
 */
export function handDown(
  level: Level,
  site: Site,
  place: CgroupPlace,
  limits: readonly Placed[],
): Draft[] {
  if (site.version === 1) return []
  const missing = missingIn(level, site)
  const needed = missing.filter((name) => wantedIn(site, limits).includes(name))
  const isPure = place.sites.every(({ version }) => version === 2)
  const extra =
    isPure && !level.occupied
      ? missing.filter((name) => !needed.includes(name))
      : []
  const control = join(level.directory, 'cgroup.subtree_control')
  return [
    ...(needed.length > 0
      ? [
          host(
            'write',
            [control, needed.map((name) => `+${name}`).join(' ')],
            'what its limits need, handed down',
          ),
        ]
      : []),
    ...extra.map((name) =>
      host('write', [control, `+${name}`], 'handed down, if it can be', {
        fine: REFUSALS,
      }),
    ),
  ]
}
// #endregion hand-down

/** A cgroup that is not there yet hands down nothing. */
export const missingIn = (
  { enabled = [] }: Level,
  { controllers }: Site,
): string[] => controllers.filter((name) => !enabled.includes(name))

/** Controllers of the tree that a limit is in. */
export const wantedIn = (site: Site, limits: readonly Placed[]): string[] => [
  ...new Set(
    limits
      .filter((limit) => limit.site === site)
      .map(({ controller }) => controller),
  ),
]
