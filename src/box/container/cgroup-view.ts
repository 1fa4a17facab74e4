/**
 * A container's cgroups, for itself to see: mounts of type `cgroup`, in the forms that runC gives them. Runs while the host's cgroups are still in
 * sight, and after the container has a cgroup namespace, if it is to have one: in there, its own cgroup looks like the root of all.
 */
import { basename } from 'node:path'
import * as constants from '../../kernel/constants.ts'
import type { Machine } from '../../kernel/machine.ts'
import type { Site } from '../../kernel/cgroup-sites.ts'
import type { Mount, Spec } from '../../oci/spec.ts'
import { box, type Draft, type Wall } from '../../plan/plan.ts'
import { mountOptions } from '../mount-options.ts'
import { isNamespaced } from '../whose.ts'

const {
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
} = constants
const SAFE = MS_NOSUID | MS_NODEV | MS_NOEXEC

// #region container-cgroup-view
export const containerCgroupView: Wall = {
  name: 'container-cgroup-view',
  lesson: 13,
  steps: (spec, machine) =>
    spec.mounts
      .filter(({ type }) => type === 'cgroup')
      .flatMap((mount) => cgroupMount(mount, mount.destination, spec, machine)),
}

/** @param target where it goes, in the words of whoever makes the mounts: a directory that is there. */
export function cgroupMount(
  mount: Mount,
  target: string,
  spec: Spec,
  machine: Machine,
): Draft[] {
  const { sites = [], asked = true } = machine.cgroups.place ?? {}
  const isApart = spec.linux.namespaces.some(({ type }) => type === 'cgroup')
  // Where it has no cgroup of its own, as its maker may not make one, there is none to be seen.
  const has = ({ writable }: Site): boolean => isApart || asked || writable
  const v1 = sites.filter((site) => site.version === 1 && has(site))
  const tree = sites.find(({ version }) => version === 2)
  const { flags, data } = mountOptions(mount.options)
  if (v1.length > 0) return hierarchies(v1, target, flags, isApart)
  if (!tree) return []
  return isNamespaced(spec, machine) && !isApart
    ? bound(tree.mount.directory, target, flags)
    : [
        box(
          'mount',
          ['cgroup', target, 'cgroup2', flags, data],
          'the tree of version 2',
        ),
      ]
}
// #endregion container-cgroup-view

// #region hierarchies
/** In a hybrid machine these are all that is shown, as with runC. */
const hierarchies = (
  sites: readonly Site[],
  target: string,
  flags: number,
  isApart: boolean,
): Draft[] => [
  box(
    'mount',
    ['tmpfs', target, 'tmpfs', flags & ~MS_RDONLY, 'mode=755'],
    'version 1: a directory for each hierarchy',
  ),
  ...sites.flatMap((site) => [
    box(
      'mkdir',
      [`${target}/${nameOf(site)}`, 0o755],
      'a place to mount it on',
    ),
    ...(isApart
      ? [hierarchy(site, target, SAFE | (flags & MS_RDONLY))]
      : bound(
          site.directory,
          `${target}/${nameOf(site)}`,
          SAFE | (flags & MS_RDONLY),
        )),
    ...linksTo(site).map((link) =>
      box(
        'symlink',
        [nameOf(site), `${target}/${link}`],
        'each has its own name as well',
      ),
    ),
  ]),
  ...(flags & MS_RDONLY
    ? [
        box(
          'mount',
          ['tmpfs', target, '', flags | MS_REMOUNT, 'mode=755'],
          'and nothing to be added to them',
        ),
      ]
    : []),
]

const hierarchy = (site: Site, target: string, flags: number): Draft =>
  box(
    'mount',
    ['cgroup', `${target}/${nameOf(site)}`, 'cgroup', flags, optionsOf(site)],
    'its own cgroup, and below',
  )
// #endregion hierarchies

/** Without a namespace of its own the same is seen by a bind mount. Its flags the kernel takes only when it is there. */
const bound = (source: string, target: string, flags: number): Draft[] => [
  box(
    'mount',
    [source, target, '', MS_BIND | MS_REC, ''],
    'its own cgroup, and below',
  ),
  box(
    'mount',
    ['none', target, '', MS_BIND | MS_REMOUNT | flags, ''],
    'as it was asked for',
  ),
]

/** As the host calls it: `cpu,cpuacct`. */
const nameOf = ({ mount }: Site): string => basename(mount.directory)

const linksTo = (site: Site): string[] =>
  site.controllers.length > 1
    ? site.controllers.filter((name) => name !== nameOf(site))
    : []

const optionsOf = ({ controllers }: Site): string =>
  controllers.some((name) => name.startsWith('name='))
    ? ['none', ...controllers].join(',')
    : controllers.join(',')
