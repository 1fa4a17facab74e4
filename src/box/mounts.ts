/**
 * Lesson 3. A file system of its own, and no way back. chroot hides the old root; pivot_root(2) puts the new one in its place,
 * and then the old one is taken away: nothing is left to escape to.
 */
import { MNT_DETACH, MS_BIND, MS_PRIVATE, MS_REC } from '../kernel/constants.ts'
import type { Machine } from '../kernel/machine.ts'
import type { Mount, Spec } from '../oci/spec.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'
import { isBound, opened, placed } from './binds.ts'
import { mountOptions } from './mount-options.ts'
import { idCount, isNamespaced } from './whose.ts'

// #region mounts
export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) => around(pivot(spec.root.path), spec, machine),
}

/** Before the new root, and after it. */
export const around = (
  pivot: Draft[],
  spec: Spec,
  machine: Machine,
): Draft[] => [
  // #region order
  box(
    'mount',
    ['none', '/', '', MS_REC | MS_PRIVATE, ''],
    'what is mounted from here on stays in here',
  ),
  ...opened(spec, machine),
  ...pivot,
  ...fileSystems(spec, machine, early(spec, machine)),
  ...leave,
  ...fileSystems(spec, machine, late(spec, machine)),
  // #endregion order
]
// #endregion mounts

// #region pivot
const pivot = (root: string): Draft[] => [
  box(
    'mount',
    [root, root, '', MS_BIND | MS_REC, ''],
    'pivot_root wants a mount point: make the root one',
  ),
  box('chdir', [root], 'stand where the new root will be'),
  box('pivot_root', ['.', '.'], 'the new root in place, the old one on top'),
]

const leave: Draft[] = [
  box('umount2', ['.', MNT_DETACH], 'take the old root away: no way back'),
  box('chdir', ['/'], 'and step in'),
]
// #endregion pivot

/**
 * In a user namespace a new /proc, or /sys, may show no more than one that is in sight already (`mount_too_revealing` in the kernel's
 * fs/namespace.c): there the host's has to stay until the box's is mounted. Nothing else is done in its sight: a link in the root file system that
 * goes up would lead into it.
 */
const early = (spec: Spec, machine: Machine): Mount[] =>
  isNamespaced(spec, machine) ? spec.mounts.filter(shows) : []

const late = (spec: Spec, machine: Machine): Mount[] =>
  spec.mounts.filter((mount) => !early(spec, machine).includes(mount))

const shows = ({ type }: Mount): boolean => ['proc', 'sysfs'].includes(type)

const fileSystems = (
  spec: Spec,
  machine: Machine,
  mounts: readonly Mount[],
): Draft[] =>
  mounts.flatMap((mount) => [
    place(mount, spec.root.path),
    ...(isBound(mount, spec, machine)
      ? placed(mount, spec, machine)
      : [fileSystem(mount, idCount(spec, machine))]),
  ])

// #region filesystem
const place = ({ destination }: Mount, root: string): Draft =>
  box('mkdir', [destination, 0o755], 'a place to mount it on', {
    fine: ['EEXIST'],
    ...removal(destination, root),
  })

/** After the pivot `/` is the box's own, so no link in the root file system can lead one of these mounts outside. */
function fileSystem(
  { destination, type, source, options }: Mount,
  ids: number,
): Draft {
  const { flags, data } = mountOptions(options.filter(hasMeaning(ids)))
  return box(
    'mount',
    [source, destination, type, flags, data],
    PURPOSE[type] ?? `a ${type} of the box's own`,
  )
}
// #endregion filesystem

/** A group that has no number in the box cannot own anything in there. */
const hasMeaning =
  (ids: number) =>
  (option: string): boolean =>
    !option.startsWith('gid=') || Number(option.slice('gid='.length)) < ids

/** A directory made in the root file system outlives the box; one made in something mounted goes away with it. */
function removal(destination: string, root: string): Pick<Draft, 'undo'> {
  const belowMount = destination.lastIndexOf('/') > 0
  return belowMount
    ? {}
    : {
        undo: {
          call: 'rmdir',
          args: [`${root}${destination}`],
          fine: ['ENOENT', 'ENOTEMPTY', 'ENOTDIR'],
        },
      }
}

const PURPOSE: Record<string, string> = {
  proc: 'a /proc that shows the processes of this PID namespace',
  tmpfs: 'in memory, and gone with the box',
  devpts: 'pseudo-terminals that no one else can open',
  sysfs: 'the kernel and its devices, to look at and not to touch',
}
