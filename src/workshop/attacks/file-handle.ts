/** A file by its number, and no path that a root could stand in the way of. */
import { dirname, relative } from 'node:path'
import { readMountInfo, type MountEntry } from '../../kernel/mountinfo.ts'
import type { Attack } from './attack.ts'
import { Token } from './token.ts'
import { Unseen } from './verdict.ts'

// #region handle
export const fileHandle: Attack = {
  name: 'file-handle',
  story:
    'open the root of the host’s file system by its number, without a path',
  closedBy: 5,
  attempt: (ground) => {
    const { mountPoint, root } = ext4Below(ground.rootfs)
    const token = ground.keep(new Token(dirname(ground.rootfs)))
    const path = `.${root}/${relative(mountPoint, token.path)}`
    return {
      args: ground.program('file-handle', path),
      succeeded: () => token.isThere(),
    }
  },
}
// #endregion handle

/** What the root file system stands on. */
function ext4Below(path: string): MountEntry {
  const [mount] = readMountInfo()
    .filter(({ mountPoint }) => `${path}/`.startsWith(mountPoint))
    .sort((one, other) => other.mountPoint.length - one.mountPoint.length)
  if (mount?.type === 'ext4') return mount
  throw new Unseen(
    `it knows the numbers of ext4, and the boxes here stand on ${mount?.type}`,
  )
}
