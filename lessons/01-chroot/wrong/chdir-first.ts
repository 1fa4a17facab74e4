/** The right two calls in the wrong order: when it goes to /, that is still the host's. */
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'cwd'

export const root: Wall = {
  name: 'root',
  lesson: 1,
  steps: (spec) => [
    box('chdir', ['/'], 'step in'),
    box('chroot', [spec.root.path], 'look for / here from now on'),
  ],
}
