/**
 * Lesson 8. Which devices a box may open or make, whoever gave it the file: version 1 of cgroups has a list for it, version 2 runs a program
 * of ours: cgroups(7), bpf(2).
 */
import { join } from 'node:path'
import type { DeviceRule } from '../oci/resources.ts'
import { box, host, type Draft, type Wall } from '../plan/plan.ts'
import { deviceProgram } from './device-program.ts'

/** A number for the program, between its being loaded and its being attached. */
const SLOT = 63

// #region access
export const deviceAccess: Wall = {
  name: 'device-access',
  lesson: 8,
  steps: ({ linux: { cgroupsPath, resources } }, { cgroups, users }) => {
    const { v1, v2 } = cgroups
    const rules = resources.devices ?? []
    if (users.namespaced || rules.length === 0) return []
    if (v1.devices !== undefined)
      return listed(join(v1.devices, cgroupsPath), rules)
    return v2 ? programmed(join(v2.base, cgroupsPath), rules) : []
  },
}
// #endregion access

// #region list
const listed = (directory: string, rules: readonly DeviceRule[]): Draft[] => [
  host('mkdir', [directory, 0o755], 'a directory here is a cgroup', {
    undo: { call: 'remove_cgroup', args: [directory] },
  }),
  ...rules.map((rule) =>
    host(
      'write',
      [
        join(directory, rule.allow ? 'devices.allow' : 'devices.deny'),
        line(rule),
      ],
      rule.allow ? 'this one it may' : 'no device',
    ),
  ),
  box('write', [join(directory, 'cgroup.procs'), '0'], 'the box walks in'),
]

/** `c 1:3 rw`; an asterisk is any number, and `a` alone is all there is. */
const line = ({
  type = 'a',
  major,
  minor,
  access = 'rwm',
}: DeviceRule): string =>
  type === 'a' ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`
// #endregion list

// #region program
const programmed = (
  directory: string,
  rules: readonly DeviceRule[],
): Draft[] => [
  host(
    'bpf_prog_load',
    [SLOT, deviceProgram(rules).toString('hex')],
    'the list of devices as a program',
  ),
  host(
    'bpf_prog_attach',
    [SLOT, directory],
    'asked whenever a device is opened or made',
  ),
]
// #endregion program
