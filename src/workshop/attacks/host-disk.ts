/** With the two numbers of a disk goes all that is on it: passwords, keys, other boxes' files. No path is asked, and no mode. */
import { Disk } from './disk.ts'
import type { Attack } from './attack.ts'
import { isStolen, LOOT } from './token.ts'

// #region disk
export const hostDisk: Attack = {
  name: 'host-disk',
  story: 'make a device file for a disk of the host, and read the disk',
  closedBy: 5,
  attempt: (ground) => {
    const disk = ground.keep(new Disk())
    const make = `mknod /tmp/disk b ${disk.major} ${disk.minor}`
    const read = `dd if=/tmp/disk of=${LOOT} bs=4096 count=1`
    return {
      args: ['/bin/sh', '-c', `exec 2>&-; ${make} && ${read}`],
      succeeded: () => isStolen(ground, disk.secret),
    }
  },
}
// #endregion disk
