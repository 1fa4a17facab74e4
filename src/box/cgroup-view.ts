/** Lesson 4. The box's own limits, to read: in its cgroup namespace the cgroup that it is in looks like the root of all. */
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT, MS_STRICTATIME } from '../kernel/constants.ts'
import type { Cgroups } from '../kernel/cgroups.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'

const VIEW = '/sys/fs/cgroup'
const SAFE = MS_NOSUID | MS_NODEV | MS_NOEXEC

// #region view
export const cgroupView: Wall = {
  name: 'cgroup-view',
  lesson: 4,
  steps: (_spec, { cgroups }) => {
    if (cgroups.layout === 'none') return []
    if (cgroups.layout === 'v2')
      return [box('mount', ['cgroup', VIEW, 'cgroup2', SAFE | MS_RDONLY, ''], 'its own limits, to read')]
    return [
      box('mount', ['tmpfs', VIEW, 'tmpfs', SAFE | MS_STRICTATIME, 'mode=755'], 'v1: a directory for each hierarchy'),
      ...hierarchies(cgroups).flatMap(hierarchy),
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

/** Controllers that are mounted together can only be mounted together: `cpu,cpuacct`. */
function hierarchies({ v1 }: Cgroups): string[] {
  const names = Object.entries(v1).map(([name, mount]) => ({ name: name === 'io' ? 'blkio' : name, mount }))
  const together = (mount: string): string =>
    names
      .filter((one) => one.mount === mount)
      .map(({ name }) => name)
      .join(',')
  return [...new Set(names.map(({ mount }) => together(mount)))]
}
