/**
 * Lesson 13. The way into the root, in two parts. First the root file system becomes a mount, and the box stands in it: what is mounted is mounted below
 * where it stands, while the host is in sight for hooks, and for a /proc of a user namespace. Then the host's root goes.
 */
import {
  AT_RECURSIVE,
  CLONE_NEWNS,
  MNT_DETACH,
  MS_PRIVATE,
  MS_REC,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  OPEN_TREE_CLONE,
} from '../../kernel/constants.ts'
import type { Propagation, Spec } from '../../oci/spec.ts'
import { box, host, type Draft, type Wall } from '../../plan/plan.ts'
import { assembled } from './layers.ts'
import { hasOwnMounts, isOpenedOutside, type Around } from './surroundings.ts'

const ROOT = 0

const FLAGS: Record<Propagation, number> = {
  private: MS_PRIVATE | MS_REC,
  rprivate: MS_PRIVATE | MS_REC,
  slave: MS_SLAVE | MS_REC,
  rslave: MS_SLAVE | MS_REC,
  shared: MS_SHARED,
  rshared: MS_SHARED | MS_REC,
  unbindable: MS_UNBINDABLE,
  runbindable: MS_UNBINDABLE | MS_REC,
}

const flagsOf = ({ linux }: Spec): number =>
  FLAGS[linux.rootfsPropagation ?? 'rslave']

// #region inherited
/** How the box's mounts stay in touch with those of the host that they are copies of. */
export const inherited = (spec: Spec): number => {
  const flags = flagsOf(spec)
  if (flags & MS_SHARED) return 0
  return flags & MS_SLAVE ? MS_SLAVE : MS_PRIVATE
}
// #endregion inherited

// #region enter
export const containerRoot = (around: Around): Wall => ({
  name: 'container-root',
  lesson: 13,
  steps: (spec) => {
    refuse(spec, around)
    return hasOwnMounts(spec)
      ? [...apart(spec, around), ...entered(spec, around)]
      : sharing(around)
  },
})

/** What is mounted in the box stays in it; what the host mounts later comes in, as far as it was asked for. */
const apart = (spec: Spec, { mountPoint }: Around): Draft[] => [
  box(
    'mount',
    ['none', '/', '', before(spec), ''],
    KEEP[inherited(spec)] ?? '',
  ),
  ...(inherited(spec) === 0
    ? [
        box(
          'mount',
          ['none', mountPoint, '', MS_PRIVATE, ''],
          'but the root is mounted for the box alone',
        ),
      ]
    : []),
]

/** What may not be bound can't become a root either: so that comes last. */
const before = (spec: Spec): number =>
  flagsOf(spec) & MS_UNBINDABLE ? MS_PRIVATE | MS_REC : flagsOf(spec)

const KEEP: Record<number, string> = {
  [MS_SLAVE]: 'what is mounted from here on stays in here',
  [MS_PRIVATE]: 'nothing comes in, and nothing goes out',
  0: 'what is mounted on one side is mounted on the other',
}

function entered(spec: Spec, around: Around): Draft[] {
  // Layers are laid in the box's own mounts, where nobody else sees them.
  const outside = !around.layers && isOpenedOutside(spec, around)
  const lane = outside ? host : box
  const kept = inherited(spec) || MS_PRIVATE
  const { steps, at, set } = assembled(around.layers ?? [], around.root)
  return [
    ...steps,
    lane(
      'open_tree_attr',
      [ROOT, at, OPEN_TREE_CLONE | AT_RECURSIVE, set, 0, kept],
      'the root file system as a mount, nowhere yet',
    ),
    // On top of the host's root, where its own place is none that the box's root may go to.
    box(
      'move_mount',
      [ROOT, outside && !around.isOpen ? '/' : around.root],
      'pivot_root wants a mount point: make the root one',
    ),
    box('fchdir', [ROOT], 'stand in it'),
  ]
}
// #endregion enter

// #region sharing
/** Whoever wants the host's mounts has them, and all that is mounted now is the host's too. */
const sharing = ({ root }: Around): Draft[] => [
  box('setns', ['/proc/self/ns/mnt', CLONE_NEWNS], 'the mounts that are here'),
  box('chdir', [root], 'stand in the root'),
]
// #endregion sharing

/** @throws Error when there is no such directory, or it is the host's own root. */
function refuse(spec: Spec, { root, kinds, noPivot }: Around): void {
  const { path } = spec.root
  const complain = (fact: string, remedy: string): Error =>
    new Error(`Cannot use the root file system "${path}": ${fact}\n  ${remedy}`)
  if (root === '/')
    throw complain('it is the root of the host', 'Change root.path')
  if (noPivot && flagsOf(spec) & MS_PRIVATE)
    throw complain(
      "what is unmounted in it stays mounted in the host's root below",
      'Leave linux.rootfsPropagation out, or --no-pivot',
    )
  if (kinds[path] === 'directory') return
  throw complain(
    kinds[path] === 'file' ? 'it is no directory' : 'there is none',
    'Unpack an image there, or correct root.path, which may be relative to the bundle',
  )
}

// #region pivot
/** Nothing of the host is in sight from here on. */
export const containerPivot = (around: Around): Wall => ({
  name: 'container-pivot',
  lesson: 13,
  steps: (spec) => {
    if (!hasOwnMounts(spec)) return chroot
    return around.noPivot ? covered(spec, around) : pivot(spec)
  },
})

const pivot = (spec: Spec): Draft[] => [
  box('fchdir', [ROOT], 'stand in the new root'),
  box('pivot_root', ['.', '.'], 'it is in place, the old one on top'),
  ...letGo('.', spec),
  box('umount2', ['.', MNT_DETACH], 'take the old root away: no way back'),
  box('chdir', ['/'], 'and step in'),
]

/** Else what is taken away here would be taken away from the host. */
const letGo = (path: string, spec: Spec): Draft[] =>
  inherited(spec) === 0
    ? [box('mount', ['none', path, '', MS_SLAVE | MS_REC, ''], 'in here alone')]
    : []
// #endregion pivot

// #region propagated
/** When all is mounted: from an unbindable one nothing could be bound any more, and each mount below a shared one would be another peer. */
export const propagated = (spec: Spec): Draft[] => {
  const flags = flagsOf(spec)
  return flags & (MS_SHARED | MS_UNBINDABLE)
    ? [box('mount', ['none', '/', '', flags, ''], 'as it was asked for')]
    : []
}
// #endregion propagated

// #region no-pivot
/**
 * The old root stays below, and so do the host's /proc and /sys. In a user namespace each would allow another one to be mounted that shows all of the
 * kernel: so they go first.
 */
const covered = (spec: Spec, { root, shown }: Around): Draft[] => [
  ...shown
    .filter((path) => !`${path}/`.startsWith(`${root}/`))
    .flatMap((path) => hidden(path, spec)),
  box('fchdir', [ROOT], 'stand in the new root'),
  box('move_mount', [ROOT, '/'], 'on top of the old one'),
  ...chroot,
]

function hidden(path: string, spec: Spec): Draft[] {
  const gone = ['EINVAL', 'ENOENT', 'EPERM']
  const locked = spec.linux.namespaces.some(({ type }) => type === 'user')
  return [
    ...letGo(path, spec),
    box('umount2', [path, MNT_DETACH], 'it shows the kernel', { fine: gone }),
    ...(locked
      ? [
          box('mount', ['none', path, 'tmpfs', 0, ''], 'or is covered', {
            fine: ['ENOENT', 'ENOTDIR'],
          }),
        ]
      : []),
  ]
}

const chroot: Draft[] = [
  box('chroot', ['.'], 'look for / here from now on'),
  box('chdir', ['/'], 'and stand in it'),
]
// #endregion no-pivot
