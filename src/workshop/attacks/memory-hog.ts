/** Memory that is written to is memory that somebody else has no longer. This one stops at 128 MiB. */
import { statusField } from '../../kernel/proc.ts'
import type { Attack } from './attack.ts'

const WANTED_KIB = 100 * 1024

// #region hog
export const memoryHog: Attack = {
  name: 'memory-hog',
  story: 'take a hundred megabytes of memory, and keep them',
  closedBy: 4,
  attempt: (ground) => {
    let most = 0
    let timer: NodeJS.Timeout | undefined
    ground.atEnd(() => clearInterval(timer))
    return {
      args: [
        '/bin/sh',
        '-c',
        'x=0123456789abcdef; while [ ${#x} -lt 134217728 ]; do x=$x$x; done; sleep 60; :',
      ],
      watch: (pid) => {
        timer = setInterval(() => {
          most = Math.max(most, residentKiB(pid))
          if (most < WANTED_KIB) return
          clearInterval(timer)
          process.kill(pid, 'SIGKILL')
        }, 20)
      },
      succeeded: () => most >= WANTED_KIB,
    }
  },
}
// #endregion hog

function residentKiB(pid: number): number {
  try {
    return parseInt(statusField(pid, 'VmHWM'), 10) || 0
  } catch {
    return 0 // it has just ended
  }
}
