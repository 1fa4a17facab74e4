/** Which of a container's wishes go to which hierarchy; and those that this machine cannot grant, told before anything is made. */
import type { Site, Sites } from '../../kernel/cgroup-sites.ts'
import type { Resources } from '../../oci/resources.ts'
import { refuseValues } from './limit-values.ts'
import type { Limit } from './resource-limit.ts'
import { limitsV1 } from './resources-v1.ts'
import { limitsV2 } from './resources-v2.ts'

export interface Placed extends Limit {
  site: Site
}

// #region limits
/**
 * In a hybrid machine a controller is in a hierarchy of its own or in the v2 tree, never in both; so each wish has one place, or none.
 * @throws Error naming the first that has none, its value, and what is missing.
 */
export function limitsOf(resources: Resources, place: Sites): Placed[] {
  refuseValues(resources, place)
  const inV1 = limitsV1(
    resources,
    (controller) => siteOf(controller, place)?.files ?? [],
  )
  const inV2 = limitsV2(
    resources,
    resources.blockIO !== undefined && place.weights.includes('bfq'),
  )
  const placed = [
    ...inV1.flatMap((limit) =>
      placedIn(siteOf(limit.controller, place), limit),
    ),
    ...inV2.flatMap((limit) =>
      placedIn(siteInTree(limit.controller, place), limit),
    ),
  ]
  const isGranted = (field: string): boolean =>
    placed.some((limit) => limit.field === field || limit.also === field)
  const lost = [...inV1, ...inV2].find(
    ({ field }) => !isGranted(field) && field !== FORGOTTEN,
  )
  if (lost) throw cannotSet(lost, [...inV1, ...inV2], place)
  return placed
}
// #endregion limits

/** config-linux.md recommends it no more: version 2 counts it with all other memory. */
const FORGOTTEN = 'memory.kernelTCP'

const placedIn = (site: Site | undefined, limit: Limit): Placed[] =>
  site ? [{ ...limit, site }] : []

/** The hierarchy of version 1 that has a controller. */
export const siteOf = (
  controller: string,
  { sites }: Sites,
): Site | undefined =>
  sites.find(
    ({ version, controllers }) =>
      version === 1 && controllers.includes(controller),
  )

/** The v2 tree, if it has that controller. Files of `cgroup.` belong to none. */
function siteInTree(controller: string, place: Sites): Site | undefined {
  const isElsewhere =
    siteOf(controller === 'io' ? 'blkio' : controller, place) !== undefined
  const tree = place.sites.find(({ version }) => version === 2)
  return !isElsewhere &&
    (controller === 'cgroup' || tree?.controllers.includes(controller))
    ? tree
    : undefined
}

function cannotSet(lost: Limit, all: readonly Limit[], place: Sites): Error {
  const { field, value } = lost
  const controllers = [
    ...new Set(
      all
        .filter((limit) => limit.field === field)
        .map(({ controller }) => controller),
    ),
  ]
  const isThere = controllers.some(
    (name) => siteOf(name, place) ?? siteInTree(name, place),
  )
  const versions = [...new Set(place.sites.map(({ version }) => version))]
    .sort()
    .join(' and ')
  const name = controllers.join(' or ')
  const fact = field.startsWith('unified[')
    ? inNoTree(name, place)
    : isThere
      ? `version ${versions} of cgroups, which this machine has for ${name}, knows nothing like it`
      : `this machine's cgroups have no ${name} controller that is ours`
  return new Error(
    `Cannot set linux.resources.${field} to "${value}": ${fact}\n  Leave it out, or see what is there: cat /proc/cgroups /sys/fs/cgroup/cgroup.controllers`,
  )
}

const inNoTree = (name: string, { sites }: Sites): string =>
  sites.some(({ version }) => version === 2)
    ? `this machine's v2 tree has no ${name} controller`
    : 'it is a file of cgroup version 2, which is not mounted here'
