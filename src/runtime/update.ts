/** `update`: other limits for a container that is there. What is not named stays as it is; either all of it is in force afterwards, or none. */
import { limitsOf } from '../box/container/limits.ts'
import { roundedQuota } from '../box/container/resource-weights.ts'
import { countIn, having } from '../kernel/cgroup-numbers.ts'
import { sitesOf } from '../kernel/cgroup-sites.ts'
import { checkResources } from '../oci/config.ts'
import type { Memory } from '../oci/resources.ts'
import { applyLimits } from './apply-limits.ts'
import { load, type Container } from './container.ts'
import { merged, wishedFields } from './merge-resources.ts'
import type { Settings } from './settings.ts'
import { setProperties } from './systemd.ts'
import { unitOf } from './systemd-unit.ts'
import { rdtSchemata, type RdtWish } from './update-rdt.ts'

// #region update
/** @throws Error naming the field that cannot be; every limit is then as it was. */
export async function update(
  settings: Pick<Settings, 'root' | 'systemdCgroup'>,
  id: string,
  wish: unknown,
  rdt: RdtWish = {},
): Promise<void> {
  const container = load(settings, id)
  const { config, cgroups } = container.state
  refuse(container)
  const { linux = {} } = config as { linux?: { cgroupsPath?: string; resources?: unknown; intelRdt?: RdtWish } }
  const schemata = rdtSchemata(id, linux.intelRdt, rdt)
  const [before, asked] = [checkResources(linux.resources ?? {}), checkResources(wish)]
  const after = settings.systemdCgroup ? roundedQuota(merged(before, asked)) : merged(before, asked)
  refuseUsed(after.memory ?? {}, cgroups)
  const place = sitesOf(cgroups)
  const [old, fresh] = [limitsOf(before, place), limitsOf(after, place)]
  const fields = wishedFields(asked)
  const isOld = ({ file, value }: { file: string; value: string }): boolean =>
    old.some((limit) => limit.file === file && limit.value === value)
  applyLimits(fresh.filter((limit) => fields.has(limit.field) || fields.has(limit.also ?? '') || !isOld(limit)))
  schemata?.write()
  if (settings.systemdCgroup)
    await setProperties(
      unitOf(linux.cgroupsPath, id, false),
      after,
      place.sites.every(({ version }) => version === 2),
    )
  const intelRdt = linux.intelRdt && { intelRdt: { ...linux.intelRdt, ...rdt } }
  container.save({ config: { ...(config as object), linux: { ...linux, ...intelRdt, resources: after } } })
}
// #endregion update

function refuse({ status, state: { id } }: Container): void {
  if (status === 'stopped' || status === 'creating')
    throw new Error(`Cannot update container "${id}": container not running: it is ${status}\n  Its limits go with it`)
}

/** Version 1 refuses a limit below what is in use; version 2 would end processes until it is kept. config-linux.md §memory, checkBeforeUpdate. */
function refuseUsed({ limit = 0n, checkBeforeUpdate = false }: Memory, cgroups: readonly string[]): void {
  const tree = having(cgroups, 'memory.current')
  if (!checkBeforeUpdate || limit <= 0n || tree === undefined) return
  const usage = countIn(tree, 'memory.current')
  if (limit < BigInt(usage))
    throw new Error(
      `Cannot set linux.resources.memory.limit to "${limit}": the container uses ${usage} bytes, and memory.checkBeforeUpdate is set\n  Write a higher limit, or leave checkBeforeUpdate out: processes may be killed then`,
    )
}
