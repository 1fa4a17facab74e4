/** The box need not make the device file: an image can come with one, and an open(2) asks for no right but its mode. */
import { S_IFBLK } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import type { Attack } from './attack.ts'
import { Disk } from './disk.ts'
import { isStolen, LOOT } from './token.ts'

// #region image
export const imageDevice: Attack = {
  name: 'image-device',
  story: 'open a device file that came with the image',
  closedBy: 8,
  attempt: (ground) => {
    const disk = ground.keep(new Disk())
    const numbers = (disk.major << 8) | disk.minor
    calls.mknod(ground.outside('/tmp/disk'), S_IFBLK | 0o666, numbers)
    const read = `dd if=/tmp/disk of=${LOOT} bs=4096 count=1`
    return {
      args: ['/bin/sh', '-c', `exec 2>&-; ${read}`],
      succeeded: () => isStolen(ground, disk.secret),
    }
  },
}
// #endregion image
