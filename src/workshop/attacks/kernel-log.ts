/** A device file is a name for two numbers. Whoever may make one may make any: a disk of the host; or, harmless to read, the log of its kernel. */
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { S_IFCHR } from '../../kernel/constants.ts'
import { box } from '../../plan/plan.ts'
import type { Attack } from './attack.ts'

/** mem(4)'s family, `Documentation/admin-guide/devices.txt`: 1:11 is /dev/kmsg. */
const KMSG = (1 << 8) | 11

// #region log
export const kernelLog: Attack = {
  name: 'kernel-log',
  story:
    'make a device file that nobody has given it, and read the kernel’s log',
  closedBy: 5,
  attempt: (rootfs) => {
    const name = `/tmp/${randomBytes(8).toString('hex')}`
    const [device, copy] = [join(rootfs, name), join(rootfs, `${name}.copy`)]
    const mayFail = { fine: ['EPERM'] }
    return {
      steps: [box('mknod', [name, S_IFCHR | 0o600, KMSG], 'kmsg', mayFail)],
      args: [
        '/bin/sh',
        '-c',
        `exec 2>&-; dd if=${name} of=${name}.copy bs=8192 count=1`,
      ],
      succeeded: () => existsSync(copy) && statSync(copy).size > 0,
      [Symbol.dispose]: () =>
        [device, copy].forEach((path) => rmSync(path, { force: true })),
    }
  },
}
// #endregion log
