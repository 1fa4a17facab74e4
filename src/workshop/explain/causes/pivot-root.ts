/** pivot_root(2) has the longest list of preconditions of all, and one answer to nearly all of them. In the kernel's own order. */
import type { MountEntry } from '../../../kernel/mountinfo.ts'
import { text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import { mountName, type Place } from '../place.ts'

// #region pivot
export const pivotRootCauses: Cause[] = [
  {
    name: 'pivot_root/shared',
    calls: ['pivot_root'],
    codes: ['EINVAL'],
    precondition: 'The mounts that would be moved tell no other namespace',
    man: 'pivot_root(2): The propagation type of the parent mount of new_root and the parent mount of the current root directory must not be MS_SHARED',
    args: 1,
    probe: (attempt) => {
      const shared = mountsMoved(attempt).find(isShared)
      if (!shared) return 'so'
      return {
        fact: `${mountName(shared)} is ${shared.propagation.join(' ')}: what is moved in it would be moved in other namespaces too`,
        remedy: "Make all mounts private first: mount('none', '/', '', MS_REC|MS_PRIVATE, '')",
      }
    },
  },
  {
    name: 'pivot_root/same-mount',
    calls: ['pivot_root'],
    codes: ['EBUSY'],
    precondition: 'The new root and the place for the old one are on another mount than the current root',
    man: 'pivot_root(2): new_root and put_old must not be on the same mount as the current root.',
    args: 1,
    probe: (attempt) => {
      const root = attempt.scene.look('/')
      const [newRoot, putOld] = [place(attempt, 0), place(attempt, 1)]
      const guilty = [newRoot, putOld].find((one) => one.found && root.found && one.mount?.id === root.mount?.id)
      if (!newRoot.found || !root.found) return 'unknown'
      if (!guilty?.found) return 'so'
      return {
        fact: `"${guilty.path}" is on ${mountName(guilty.mount)}, and so is the current root`,
        remedy: `Make it a mount of its own: mount('${guilty.path}', '${guilty.path}', '', MS_BIND|MS_REC, '')`,
      }
    },
  },
  {
    name: 'pivot_root/root-not-a-mount-point',
    calls: ['pivot_root'],
    codes: ['EINVAL'],
    precondition: 'The current root is a mount point',
    man: 'pivot_root(2): The current root directory is not a mount point (because of an earlier chroot(2)).',
    probe: ({ scene }) => {
      const root = scene.look('/')
      if (!root.found) return 'unknown'
      if (root.isMountPoint) return 'so'
      return {
        fact: `the root of process ${scene.pid} is "${scene.root}", a directory like any other: it has called chroot(2)`,
        remedy: 'Call pivot_root before chroot, or in its place',
      }
    },
  },
  {
    name: 'pivot_root/rootfs',
    calls: ['pivot_root'],
    codes: ['EINVAL'],
    precondition: 'The current root is mounted on something: it is not the very first, rootfs',
    man: 'pivot_root(2): The current root is on the rootfs (initial ramfs) mount; see NOTES.',
    probe: ({ scene }) => {
      const root = scene.look('/')
      if (!root.found || !root.mount) return 'unknown'
      const { id, parent, type } = root.mount
      if (!root.isMountPoint || (id !== parent && type !== 'rootfs')) return 'so'
      return {
        fact: `the root of process ${scene.pid} is rootfs, which the kernel mounts first and never moves`,
        remedy: "Move the new root over it instead: mount('.', '/', '', MS_MOVE, ''), then chroot('.')",
      }
    },
  },
  {
    name: 'pivot_root/new-root-not-a-mount-point',
    calls: ['pivot_root'],
    codes: ['EINVAL'],
    precondition: 'The new root is a mount point',
    man: 'pivot_root(2): new_root must be a path to a mount point, but can\'t be "/".',
    args: 1,
    probe: (attempt) => {
      const newRoot = place(attempt, 0)
      if (!newRoot.found) return 'unknown'
      if (newRoot.isMountPoint) return 'so'
      return {
        fact: `"${newRoot.path}" is not a mount point: it is a directory in ${mountName(newRoot.mount)}`,
        remedy: `Make it one: mount('${newRoot.path}', '${newRoot.path}', '', MS_BIND|MS_REC, ''), and enter it again`,
      }
    },
  },
  {
    name: 'pivot_root/put-old-outside',
    calls: ['pivot_root'],
    codes: ['EINVAL'],
    precondition: 'The place for the old root is the new root, or below it',
    man: 'pivot_root(2): put_old must be at or underneath new_root',
    args: 2,
    probe: (attempt): Verdict => {
      const [newRoot, putOld] = [place(attempt, 0), place(attempt, 1)]
      if (!newRoot.found || !putOld.found) return 'unknown'
      if (`${putOld.path}/`.startsWith(`${newRoot.path}/`)) return 'so'
      return {
        fact: `"${putOld.path}" is not below "${newRoot.path}"`,
        remedy: "Name a directory in the new root, or the new root itself: chdir(new_root), pivot_root('.', '.')",
      }
    },
  },
]
// #endregion pivot

const place = (attempt: Attempt, n: number): Place => attempt.scene.look(text(attempt, n))

/** Whose propagation counts: the mount of put_old, the parents of the new root's mount and of the current root's. */
function mountsMoved(attempt: Attempt): MountEntry[] {
  const { mounts } = attempt.scene
  const of = (one: Place): MountEntry | undefined => (one.found ? one.mount : undefined)
  const parent = (one: Place): MountEntry | undefined => mounts.find(({ id }) => id === of(one)?.parent)
  const [newRoot, putOld, root] = [place(attempt, 0), place(attempt, 1), attempt.scene.look('/')]
  const all = [attempt.args.length > 1 ? of(putOld) : undefined, parent(newRoot), parent(root)]
  return all.filter((mount) => mount !== undefined)
}

const isShared = ({ propagation }: MountEntry): boolean => propagation.some((tag) => tag.startsWith('shared:'))
