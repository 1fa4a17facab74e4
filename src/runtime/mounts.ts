/** A container that has no mounts of its own mounts on the host, where they do not go with its last process. */
import { realpathSync } from 'node:fs'
import { ERRNO } from '../kernel/error.ts'
import { readMountInfo, type MountEntry } from '../kernel/mountinfo.ts'
import { addon } from '../launch/addon.ts'
import type { StoredState } from './container.ts'

// #region below
/** The deepest first, and of those at one place the last. The root itself, should it be a mount, is not the container's. */
export function mountsBelow(root: string): MountEntry[] {
  const inside = `${realpathSync(root)}/`
  const depth = ({ mountPoint }: MountEntry): number => mountPoint.split('/').length
  return readMountInfo()
    .filter(({ mountPoint }) => mountPoint.startsWith(inside))
    .reverse()
    .sort((one, other) => depth(other) - depth(one))
}

/** Not those that were there before it. */
export function detachMounts({ rootfs, others }: StoredState): void {
  if (others === undefined) return
  for (const { id, mountPoint } of mountsBelow(rootfs)) if (!others.includes(id)) detach(mountPoint)
}
// #endregion below

/** Where mounts are shared, one may have gone with another: mount_namespaces(7). */
function detach(path: string): void {
  try {
    addon().detach(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno !== -(ERRNO['EINVAL'] ?? 0)) throw error
  }
}
