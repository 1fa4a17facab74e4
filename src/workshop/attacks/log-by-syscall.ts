/** The kernel's log is behind a device file, and behind a system call; and a box cannot be made without system calls. */
import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import type { Attack } from './attack.ts'
import { isStolen, LOOT, secret } from './token.ts'
import { Unseen } from './verdict.ts'

// #region log
export const logBySyscall: Attack = {
  name: 'log-by-syscall',
  story: 'read the kernel’s log by the system call that is made for it',
  closedBy: 8,
  attempt: (ground) => {
    if (!existsSync('/dev/kmsg')) throw new Unseen('there is no /dev/kmsg')
    const word = secret()
    intoLog(`boxwright attack: ${word}\n`)
    return {
      args: ground.program('log-by-syscall', LOOT),
      succeeded: () => isStolen(ground, word),
    }
  },
}
// #endregion log

function intoLog(line: string): void {
  const log = openSync('/dev/kmsg', 'w')
  try {
    writeSync(log, line)
  } finally {
    closeSync(log)
  }
}
