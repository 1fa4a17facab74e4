/** Nothing waits: the command runs as soon as it can, and `start` comes too late. */
import { waitsIn } from '../../../src/oci/waits.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'waits'

export const threshold: Wall = {
  name: 'threshold',
  lesson: 13,
  steps: (spec) =>
    waitsIn(spec) === undefined
      ? []
      : [
          box(
            'access',
            [spec.process.args[0] ?? '', spec.process.env],
            'there is such a command',
          ),
        ],
}
