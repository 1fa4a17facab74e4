/**
 * Lesson 13, your wall: the threshold. All walls stand; the command is next. Who has asked for the container may go now, and somebody else says when.
 *
 *   boxwright stage 13 --wall THIS_FILE create --bundle BUNDLE NAME     and then: start NAME, state NAME, delete NAME
 *   boxwright check 13                                                  to have it judged
 *   boxwright hint                                                      when you are stuck
 */
import { S_IFIFO } from '../../src/kernel/constants.ts'
import { waitsIn } from '../../src/oci/waits.ts'
import { box, host, type Draft, type Wall } from '../../src/plan/plan.ts'

/** Numbers for two descriptors. The box hears on one, and says on the other what has kept it. */
const [WORD, ANSWERS] = [54, 55]

export const threshold: Wall = {
  name: 'threshold',
  lesson: 13,
  steps: (spec) => {
    const directory = waitsIn(spec)
    if (directory === undefined) return [] // `run` waits for nobody
    return [
      ...fifo(WORD, `${directory}/exec.fifo`),
      ...fifo(ANSWERS, `${directory}/answer.fifo`),
      // TODO 2: Is there such a command? `access` asks, in the box, and `create` can still say no.
      // TODO 3: This waits for nobody. Which call waits for a byte? It takes the two numbers.
      box('chdir', ['/'], 'all is ready'),
    ]
  },
}

/** `<fcntl.h>`: open(2). */
const O_NONBLOCK = 0o4000

/** TODO 1: mknod makes a fifo, if you say so in its mode. And with these flags, who is at its other end? fifo(7) has a sentence about Linux. */
const fifo = (slot: number, path: string): Draft[] => [
  host('mknod', [path, S_IFIFO | 0o600, 0], 'a fifo'),
  host('open', [slot, path, O_NONBLOCK], 'our end of it'),
]
