/**
 * The container's cgroup, when systemd is to make it: the tree is systemd's then, and what others make in it may go without notice. It starts a unit
 * with the container's first process in it, and hands the unit's cgroup over: systemd.io/CGROUP_DELEGATION.
 */
import type { CgroupPlace, Unit } from '../../kernel/cgroups.ts'
import { writeJson } from '../../oci/json.ts'
import type { Resources } from '../../oci/resources.ts'
import { BOX, host, type Draft } from '../../plan/plan.ts'

/** What runtime/systemd.ts is asked. */
export interface SystemdWish {
  unit: Unit
  pid: string
  isV2: boolean
  resources: Resources
  annotations: Readonly<Record<string, string>>
  /** In which systemd puts the process. */
  cgroups: readonly string[]
  /** Played when the unit is there: what systemd does not do itself. */
  then: readonly Draft[]
}

// #region systemd
/** @param then may find made what it makes. */
export function unitStarted(
  unit: Unit,
  { sites }: CgroupPlace,
  { resources, annotations }: Pick<SystemdWish, 'resources' | 'annotations'>,
  then: readonly Draft[],
): Draft {
  const isV2 = sites.every(({ version }) => version === 2)
  const wish: SystemdWish = {
    unit,
    pid: BOX,
    isV2,
    resources,
    annotations,
    cgroups: sites.filter(isSystemds).map(({ directory }) => directory),
    then: then.map((step) =>
      step.call === 'mkdir' ? { ...step, fine: ['EEXIST'] } : step,
    ),
  }
  return host(
    'ask',
    ['systemd', writeJson(wish)],
    'systemd starts its unit, with the container in it',
  )
}

/** Into the others the container walks itself. */
export const isSystemds = ({
  version,
  controllers,
}: CgroupPlace['sites'][number]): boolean =>
  version === 2 || controllers.includes('name=systemd')
// #endregion systemd
