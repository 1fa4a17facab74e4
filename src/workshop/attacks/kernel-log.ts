/** A device file is a name for two numbers. Whoever may make one may make any: a disk of the host; or, harmless to read, the log of its kernel. */
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import type { Attack } from './attack.ts'
import { isStolen, LOOT } from './token.ts'
import { Unseen } from './verdict.ts'

// #region log
export const kernelLog: Attack = {
  name: 'kernel-log',
  story:
    'make a device file that nobody has given it, and read the kernel’s log',
  closedBy: 5,
  attempt: (ground) => {
    if (!existsSync('/dev/kmsg')) throw new Unseen('there is no /dev/kmsg')
    const make = 'mknod /tmp/kmsg c 1 11'
    const read = `dd if=/tmp/kmsg of=${LOOT} bs=8192 count=1`
    return {
      args: ['/bin/sh', '-c', `exec 2>&-; ${make} && ${read}`],
      succeeded: () => isStolen(ground, firstRecord()),
    }
  },
}
// #endregion log

/** One read, one record. The device is as old as devices.txt: 1:11. */
function firstRecord(): Buffer {
  const log = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const record = Buffer.alloc(8192)
    return record.subarray(0, readSync(log, record))
  } finally {
    closeSync(log)
  }
}
