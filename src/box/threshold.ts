/**
 * Lesson 13. A container that has been created and not started. All walls stand, and its process waits at a fifo; whoever has made it may go. It goes on
 * with the first byte, and says at a second fifo what has kept it from becoming its command: that one is empty when nothing has. Who has asked for a
 * command that is not there hears it before, from whoever made the container.
 */
import { O_RDWR, S_IFIFO } from '../kernel/constants.ts'
import { waitsIn } from '../oci/waits.ts'
import { box, host, type Draft, type Wall } from '../plan/plan.ts'

/** Numbers for the two, which the box holds up to its end. */
const WORD = 54
const ANSWERS = 55

// #region threshold
export const threshold: Wall = {
  name: 'threshold',
  lesson: 13,
  steps: (spec) => {
    const directory = waitsIn(spec)
    const { args, env } = spec.process
    return directory === undefined
      ? []
      : [
          ...fifo(WORD, `${directory}/exec.fifo`, 'create and start meet here'),
          ...fifo(ANSWERS, `${directory}/answer.fifo`, 'and start hears here'),
          box('access', [args[0] ?? '', env], 'there is such a command'),
          box('read', [WORD, ANSWERS], 'all is ready: wait for start'),
        ]
  },
}
// #endregion threshold

// #region fifo
/** Opened to be written as well: so it has no end before the box has one. */
const fifo = (slot: number, path: string, why: string): Draft[] => [
  host('mknod', [path, S_IFIFO | 0o600, 0], why),
  host('open', [slot, path, O_RDWR], 'both ends of it: fifo(7)'),
]

// #endregion fifo
