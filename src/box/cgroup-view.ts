/** Lesson 4. The box's own limits, to read: in its cgroup namespace the cgroup that it is in looks like the root of all. */
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT, MS_STRICTATIME } from '../kernel/constants.ts'
import type { Cgroups, Controller } from '../kernel/cgroups.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'
import { controllersFor } from './cgroups.ts'

const VIEW = '/sys/fs/cgroup'
const SAFE = MS_NOSUID | MS_NODEV | MS_NOEXEC

// #region view
export const cgroupView: Wall = {
  name: 'cgroup-view',
  lesson: 4,
  steps: ({ linux }, { cgroups }) => {
    if (cgroups.layout === 'none') return []
    if (cgroups.layout === 'v2')
      return [box('mount', ['cgroup', VIEW, 'cgroup2', SAFE | MS_RDONLY, ''], 'its own limits, to read')]
    return [
      box('mount', ['tmpfs', VIEW, 'tmpfs', SAFE | MS_STRICTATIME, 'mode=755'], 'v1: a directory for each hierarchy'),
      ...hierarchies(cgroups, controllersFor(linux.resources, cgroups)).flatMap(hierarchy),
      box('mount', ['tmpfs', VIEW, '', SAFE | MS_REMOUNT | MS_RDONLY, 'mode=755'], 'and nothing to be added to them'),
    ]
  },
}
// #endregion view

const hierarchy = (controllers: string): Draft[] => [
  box('mkdir', [`${VIEW}/${controllers}`, 0o755], 'a place to mount it on'),
  box(
    'mount',
    ['cgroup', `${VIEW}/${controllers}`, 'cgroup', SAFE | MS_RDONLY, controllers],
    'its own limits, to read',
  ),
]

/**
 * Only those that the box has a cgroup of its own in: of another one it would see the host's whole tree.
 * Controllers that are mounted together can only be mounted together: `cpu,cpuacct`.
 */
function hierarchies({ v1 }: Cgroups, wanted: readonly Controller[]): string[] {
  const names = Object.entries(v1).map(([name, mount]) => ({ name: name === 'io' ? 'blkio' : name, mount }))
  const together = (mount: string): string =>
    names
      .filter((one) => one.mount === mount)
      .map(({ name }) => name)
      .join(',')
  const own = wanted.map((name) => v1[name]).filter((mount) => mount !== undefined)
  return [...new Set(own)].map(together)
}
