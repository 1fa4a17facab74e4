/**
 * What comes into the box from outside: a directory of the host's, or a device that the box may not make. It is opened while the host can still be
 * seen, as a mount that is nowhere yet, and put in its place when the box has a root of its own: open_tree(2), move_mount(2). Between the two
 * nobody can exchange it.
 */
import {
  AT_RECURSIVE,
  MOUNT_ATTR_IDMAP,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MS_RDONLY,
  OPEN_TREE_CLONE,
  S_IFREG,
} from '../kernel/constants.ts'
import type { Machine } from '../kernel/machine.ts'
import type { Device, Mount, Spec } from '../oci/spec.ts'
import { box, BOX, host, type Draft } from '../plan/plan.ts'
import { hasOwnUsers, isNamespaced, maySeeNetwork } from './whose.ts'

/** Slot 0 is the root's. */
const FIRST = 1

// #region binds
/** @returns everything that has to be bound: the devices first, where the box may make none, then the mounts. */
const bound = (spec: Spec, machine: Machine): (Device | Mount)[] => [
  ...(isNamespaced(spec, machine) ? spec.linux.devices : []),
  ...spec.mounts.filter((mount) => isBound(mount, spec, machine)),
]

export const isBound = (
  { type }: Mount,
  spec: Spec,
  machine: Machine,
): boolean =>
  type === 'bind' || (type === 'sysfs' && !maySeeNetwork(spec, machine))

/** Before the root changes. Who is root outside can open what the box's root could not. */
export const opened = (spec: Spec, machine: Machine): Draft[] =>
  bound(spec, machine).flatMap((one, n) => {
    const lane = hasOwnUsers(spec) ? host : box
    const flags = OPEN_TREE_CLONE | ('path' in one ? 0 : AT_RECURSIVE)
    const opened = lane(
      'open_tree',
      [FIRST + n, sourceOf(one), flags],
      'a mount of it, nowhere yet',
    )
    return hasOwnUsers(spec) && isMapped(one)
      ? [opened, withItsNumbers(FIRST + n)]
      : [opened]
  })

/** After it. */
export function placed(
  what: Device | Mount,
  spec: Spec,
  machine: Machine,
): Draft[] {
  const slot = FIRST + bound(spec, machine).indexOf(what)
  const target = 'path' in what ? what.path : what.destination
  const attributes = 'path' in what ? 0 : attributesOf(what.options)
  return [
    ...(attributes > 0
      ? [
          box(
            'mount_setattr',
            [slot, AT_RECURSIVE, attributes, 0, ''],
            'all of it, whatever is mounted below',
          ),
        ]
      : []),
    box('move_mount', [slot, target], 'here it is'),
    ...('type' in what && what.type === 'sysfs' ? [covered] : []),
  ]
}
/** An empty file for a device to be bound on. */
export const placeFor = ({ path }: Device): Draft =>
  box('mknod', [path, S_IFREG | 0o666, 0], 'a file to bind it on')
// #endregion binds

/** Whoever asks for it lets root in the box make files of root's: mount_setattr(2), "ID-mapped mounts". */
const isMapped = (what: Device | Mount): boolean =>
  'options' in what && what.options.includes('idmap')

/** With the host's /sys come the mounts below it, and so a view of all the host's cgroups (CVE-2023-25809). */
const covered = box(
  'mount',
  ['none', '/sys/fs/cgroup', 'tmpfs', MS_RDONLY, ''],
  "the host's cgroups are none of the box's",
  { fine: ['ENOENT'] },
)

const withItsNumbers = (slot: number): Draft =>
  host(
    'mount_setattr',
    [slot, AT_RECURSIVE, MOUNT_ATTR_IDMAP, 0, `/proc/${BOX}/ns/user`],
    "its owners by the box's numbers",
  )

const sourceOf = (what: Device | Mount): string =>
  'path' in what
    ? what.path
    : what.type === 'sysfs'
      ? what.destination
      : what.source

const ATTRIBUTES: Record<string, number> = {
  ro: MOUNT_ATTR_RDONLY,
  rro: MOUNT_ATTR_RDONLY,
  nosuid: MOUNT_ATTR_NOSUID,
  nodev: MOUNT_ATTR_NODEV,
  noexec: MOUNT_ATTR_NOEXEC,
}

const attributesOf = (options: readonly string[]): number =>
  options.reduce((all, option) => all | (ATTRIBUTES[option] ?? 0), 0)
