/**
 * Which devices a container may open or make: its own rules, in their order, on a ground where nothing is allowed, and then what every container may.
 * Runs after the wall that makes the cgroup.
 */
import { join } from 'node:path'
import type { Site } from '../../kernel/cgroup-sites.ts'
import type { DeviceRule } from '../../oci/resources.ts'
import { host, type Draft, type Wall } from '../../plan/plan.ts'
import { deviceList, EVERYBODYS, line, plainRules } from './device-list.ts'
import { deviceProgram } from '../device-program.ts'
import { siteOf } from './limits.ts'

/** A number for the program, between its being loaded and its being attached. */
const SLOT = 63

// #region container-device-access
/** Within a user namespace nobody may set such a list, nor needs to: devices cannot be made there. */
export const containerDeviceAccess: Wall = {
  name: 'container-device-access',
  lesson: 13,
  steps: ({ linux }, { cgroups: { place }, users }) => {
    if (!place || users.namespaced) return []
    const rules = [...(linux.resources.devices ?? []), ...EVERYBODYS]
    const site =
      siteOf('devices', place) ??
      place.sites.find(({ version }) => version === 2)
    if (!site?.writable) return []
    return site.version === 1 ? listed(site, rules) : programmed(site, rules)
  },
}
// #endregion container-device-access

// #region listed
function listed({ directory }: Site, rules: readonly DeviceRule[]): Draft[] {
  const { allow, exceptions } = deviceList(rules)
  const file = (allowing: boolean): string =>
    join(directory, allowing ? 'devices.allow' : 'devices.deny')
  return [
    host(
      'write',
      [file(allow), 'a'],
      allow
        ? 'linux.resources.devices: all but'
        : 'linux.resources.devices: none but',
    ),
    ...exceptions.map((exception) =>
      host('write', [file(!allow), line(exception)], 'linux.resources.devices'),
    ),
  ]
}
// #endregion listed

const programmed = (
  { directory }: Site,
  rules: readonly DeviceRule[],
): Draft[] => [
  host(
    'bpf_prog_load',
    [SLOT, deviceProgram(plainRules(rules)).toString('hex')],
    'linux.resources.devices',
  ),
  host(
    'bpf_prog_attach',
    [SLOT, directory],
    'asked whenever a device is opened or made',
  ),
]
