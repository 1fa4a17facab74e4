/** All is ready, it says; and nobody has looked whether there is such a command. */
import { O_RDWR, S_IFIFO } from '../../../src/kernel/constants.ts'
import { waitsIn } from '../../../src/oci/waits.ts'
import { box, host, type Draft, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'missing'

export const threshold: Wall = {
  name: 'threshold',
  lesson: 13,
  steps: (spec) => {
    const directory = waitsIn(spec)
    return directory === undefined
      ? []
      : [
          ...fifo(54, `${directory}/exec.fifo`),
          ...fifo(55, `${directory}/answer.fifo`),
          box('read', [54, 55], 'wait for start'),
        ]
  },
}

const fifo = (slot: number, path: string): Draft[] => [
  host('mknod', [path, S_IFIFO | 0o600, 0], 'a fifo'),
  host('open', [slot, path, O_RDWR], 'both ends of it'),
]
