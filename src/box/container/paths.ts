/**
 * Lesson 13. What is hidden of the kernel and of the image, and what can be read alone: any path, whatever it may be. With this the file systems are
 * as they were asked for; before it others still have to write in them. runtime-spec config-linux.md §masked-paths, §readonly-paths.
 */
import {
  AT_RECURSIVE,
  MOUNT_ATTR_RDONLY,
  MS_BIND,
  MS_PRIVATE,
  MS_RDONLY,
  OPEN_TREE_CLONE,
} from '../../kernel/constants.ts'
import type { Machine } from '../../kernel/machine.ts'
import type { Spec } from '../../oci/spec.ts'
import { box, type Draft, type Wall } from '../../plan/plan.ts'
import { labelled } from './label.ts'
import { isLateReadOnly } from './mounts.ts'
import { below } from './places.ts'
import { propagated } from './root.ts'

const SLOT = 40

// #region paths
export const containerPaths: Wall = {
  name: 'container-paths',
  lesson: 13,
  steps: (spec, machine) => {
    const { readonlyPaths = [], maskedPaths = [] } = spec.linux
    return [
      ...spec.mounts
        .filter((mount) => isLateReadOnly(mount) && isReadOnly(mount))
        .flatMap(({ destination }) => sealed(`/${below(destination)}`)),
      ...readonlyPaths.flatMap(readOnly),
      ...[...new Set(maskedPaths)].flatMap((path) =>
        hidden(path, spec, machine),
      ),
      ...(spec.root.readonly ? sealed('/') : []),
      ...propagated(spec),
    ]
  },
}

const isReadOnly = ({ options }: { options: readonly string[] }): boolean =>
  options.findLast((option) => option === 'ro' || option === 'rw') === 'ro'
// #endregion paths

// #region sealed
/** The mount that is there is meant, and no copy of it. */
const sealed = (path: string): Draft[] => [
  box('open_tree', [SLOT, path, 0], 'what is mounted there'),
  box(
    'mount_setattr',
    [SLOT, 0, MOUNT_ATTR_RDONLY, 0, ''],
    'nothing can be changed in it from here on',
  ),
  box('close', [SLOT], 'that is all'),
]
// #endregion sealed

// #region read-only
const MISSING = ['ENOENT', 'ENOTDIR']

/** A path that is not there can't be written to. */
const readOnly = (path: string): Draft[] => [
  box(
    'open_tree_attr',
    [
      SLOT,
      path,
      OPEN_TREE_CLONE | AT_RECURSIVE,
      MOUNT_ATTR_RDONLY,
      0,
      MS_PRIVATE,
    ],
    'a mount of it, to be read',
    { fine: MISSING },
  ),
  box('move_mount', [SLOT, path], 'on top of itself', { fine: ['EBADF'] }),
  box('close', [SLOT], 'there it is', { fine: ['EBADF'] }),
]
// #endregion read-only

// #region hidden
/** Of the two only one can be mounted there: the kernel refuses a file on a directory, and a directory on a file. */
function hidden(
  path: string,
  spec: Spec,
  { security, ...machine }: Machine,
): Draft[] {
  const kind = isKernels(path, spec) ? security.kinds[path] : undefined
  const nothing = box(
    'mount',
    ['/dev/null', path, '', MS_BIND, ''],
    'read it, and there is nothing',
    { fine: MISSING },
  )
  const data = labelled('nr_blocks=1,nr_inodes=1', 'tmpfs', spec, {
    security,
    ...machine,
  })
  const empty = box(
    'mount',
    ['none', path, 'tmpfs', MS_RDONLY, data],
    'empty, and stays so',
    { fine: MISSING },
  )
  return kind === 'file'
    ? [nothing]
    : kind === 'directory'
      ? [empty]
      : [nothing, empty]
}

/** Where the box's /proc or /sys is the kernel's own, we know what it has in it. */
const isKernels = (path: string, { mounts }: Spec): boolean =>
  mounts.some(
    ({ type, destination }) =>
      (type === 'proc' || type === 'sysfs') &&
      path.startsWith(`/${below(destination)}/`),
  )
// #endregion hidden
