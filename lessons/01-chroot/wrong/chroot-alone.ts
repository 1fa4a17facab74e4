/** Changes the root, and stays where it stood: outside. `ls .` shows the host, and `cd ..` leads to the host's root. */
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'cwd'

export const root: Wall = {
  name: 'root',
  lesson: 1,
  steps: (spec) => [
    box('chroot', [spec.root.path], 'look for / here from now on'),
  ],
}
