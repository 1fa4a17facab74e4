/** Private mounts, a bind mount, everything in place; and then chroot. The old root is hidden from this process, and is still there. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'pivot'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) =>
    reference
      .steps(spec, machine)
      .flatMap((step) =>
        step.call === 'pivot_root'
          ? [box('chroot', ['.'], 'the new root')]
          : step.call === 'umount2'
            ? []
            : [step],
      ),
}
