/**
 * Lesson 8. What the kernel shows of the machine in /proc and /sys is hidden, and what it lets be written there is made read-only. A file is hidden
 * by /dev/null on top of it, a directory by one that is empty: mount(2).
 */
import {
  AT_RECURSIVE,
  MOUNT_ATTR_RDONLY,
  MS_BIND,
  MS_RDONLY,
  OPEN_TREE_CLONE,
} from '../kernel/constants.ts'
import { HIDDEN, READ_ONLY, type Security } from '../kernel/security.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'

/** Numbers for what is open meanwhile; those below are for what comes in from outside (binds.ts). */
const FIRST = 40
const ROOT = 61

// #region paths
export const paths: Wall = {
  name: 'paths',
  lesson: 8,
  steps: ({ root, linux }, { security: { kinds } }) => [
    ...(linux.maskedPaths ?? []).flatMap((path) => hidden(path, kinds)),
    ...(linux.readonlyPaths ?? [])
      .filter((path) => isHere(path, kinds))
      .flatMap((path, n) => readOnly(path, FIRST + n)),
    ...(root.readonly ? wholeRoot : []),
  ],
}
// #endregion paths

// #region hidden
const MISSING = ['ENOENT', 'ENOTDIR']

/** Only one of the two can be mounted on what is there: of a path that is not known, both are tried. */
function hidden(path: string, kinds: Security['kinds']): Draft[] {
  const kind = kinds[path]
  const file = box(
    'mount',
    ['/dev/null', path, '', MS_BIND, ''],
    'read it, and there is nothing',
    { fine: MISSING },
  )
  const directory = box(
    'mount',
    ['none', path, 'tmpfs', MS_RDONLY, ''],
    'empty, and stays so',
    { fine: MISSING },
  )
  if (!isHere(path, kinds)) return []
  return kind === 'file'
    ? [file]
    : kind === 'directory'
      ? [directory]
      : [file, directory]
}
// #endregion hidden

const KERNELS: readonly string[] = [...HIDDEN, ...READ_ONLY]

/** Paths of the kernel's that the machine does not have are nowhere in the box either. Of others we know nothing. */
const isHere = (path: string, kinds: Security['kinds']): boolean =>
  path in kinds || !KERNELS.includes(path)

// #region read-only
/** One and the same mount is made, made read-only, and put there: nobody can exchange it in between. */
const readOnly = (path: string, slot: number): Draft[] => [
  box(
    'open_tree',
    [slot, path, OPEN_TREE_CLONE | AT_RECURSIVE],
    'a mount of it, nowhere yet',
    { fine: ['ENOENT'] },
  ),
  box(
    'mount_setattr',
    [slot, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, ''],
    'to be read',
    { fine: ['EBADF'] },
  ),
  box('move_mount', [slot, path], 'on top of itself', { fine: ['EBADF'] }),
]

/** The mount that is there is meant, and no copy of it. */
const wholeRoot: Draft[] = [
  box('open_tree', [ROOT, '/', 0], 'the root itself'),
  box(
    'mount_setattr',
    [ROOT, 0, MOUNT_ATTR_RDONLY, 0, ''],
    'nothing can be changed in it',
  ),
]
// #endregion read-only
