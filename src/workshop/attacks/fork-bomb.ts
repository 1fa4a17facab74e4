/** More and more processes, until the machine has no number left for anyone. This one stops at a hundred. */
import { allPids, environmentOf } from '../../kernel/proc.ts'
import { BOX_MARK } from '../../oci/defaults.ts'
import type { Attack } from './attack.ts'

const TRIES = 100

// #region bomb
const bomb = Array.from({ length: TRIES }, () => 'sleep 60').join(' | ')

export const forkBomb: Attack = {
  name: 'fork-bomb',
  story: `start ${TRIES} processes at once`,
  closedBy: 4,
  attempt: (ground) => {
    let most = 0
    let timer: NodeJS.Timeout | undefined
    ground.atEnd(() => clearInterval(timer))
    return {
      args: ['/bin/sh', '-c', `exec 2>&-; ${bomb}`],
      watch: (pid) => {
        const mark = environmentOf(pid).find((entry) =>
          entry.startsWith(BOX_MARK),
        )
        timer = setInterval(() => {
          most = Math.max(most, population(mark))
          if (most < TRIES) return
          clearInterval(timer)
          process.kill(pid, 'SIGKILL')
        }, 20)
      },
      succeeded: () => most >= TRIES,
    }
  },
}
// #endregion bomb

/** How many processes there are of one box, counted from outside it. */
const population = (mark = ''): number =>
  allPids().filter((pid) => environmentOf(pid).includes(mark)).length
