/**
 * Lesson 6. The root of a box whose root is nobody outside. Its files belong to root, the host's; seen through an id-mapped mount they belong to the
 * box's. Only the host may make such a mount, and hands it over: mount_setattr(2), "ID-mapped mounts".
 */
import {
  AT_RECURSIVE,
  MOUNT_ATTR_IDMAP,
  OPEN_TREE_CLONE,
} from '../kernel/constants.ts'
import type { Spec } from '../oci/spec.ts'
import { box, BOX, host, type Draft, type Wall } from '../plan/plan.ts'
import { around } from './mounts.ts'

const ROOT = 0

// #region mapped
/** The mounts of lesson 3, with another way into the root. */
export const mappedMounts: Wall = {
  name: 'mapped-mounts',
  lesson: 6,
  steps: (spec, machine) => around(enter(spec), spec, machine),
}

const enter = ({ root }: Spec): Draft[] => [
  host(
    'open_tree',
    [ROOT, root.path, OPEN_TREE_CLONE | AT_RECURSIVE],
    'the root file system as a mount, nowhere yet',
  ),
  host(
    'mount_setattr',
    [ROOT, AT_RECURSIVE, MOUNT_ATTR_IDMAP, 0, `/proc/${BOX}/ns/user`],
    "in it the host's numbers are the box's",
    { fine: CANNOT },
  ),
  box('move_mount', [ROOT, '/'], 'on top of the old root'),
  box('fchdir', [ROOT], 'stand where the new root will be'),
  box('pivot_root', ['.', '.'], 'the new root in place, the old one on top'),
]
// #endregion mapped

/** A file system that cannot, or a host who may not: then the files belong to whom they belong to. */
const CANNOT = ['EINVAL', 'EPERM']
