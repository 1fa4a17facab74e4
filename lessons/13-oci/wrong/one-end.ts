/** Opened to be read alone, and not to wait for it: nobody is at the other end, so the first read says that it is over. */
import { S_IFIFO } from '../../../src/kernel/constants.ts'
import { waitsIn } from '../../../src/oci/waits.ts'
import { box, host, type Draft, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'create'

/** `<fcntl.h>`. */
const O_NONBLOCK = 0o4000

export const threshold: Wall = {
  name: 'threshold',
  lesson: 13,
  steps: (spec) => {
    const directory = waitsIn(spec)
    const { args, env } = spec.process
    return directory === undefined
      ? []
      : [
          ...fifo(54, `${directory}/exec.fifo`),
          ...fifo(55, `${directory}/answer.fifo`),
          box('access', [args[0] ?? '', env], 'there is such a command'),
          box('read', [54, 55], 'wait for start'),
        ]
  },
}

const fifo = (slot: number, path: string): Draft[] => [
  host('mknod', [path, S_IFIFO | 0o600, 0], 'a fifo'),
  host('open', [slot, path, O_NONBLOCK], 'one end of it'),
]
