/** Takes the directory above the root file system, as one does who cuts a path short. */
import { dirname } from 'node:path'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'root'

export const root: Wall = {
  name: 'root',
  lesson: 1,
  steps: (spec) => [
    box('chroot', [dirname(spec.root.path)], 'look for / here from now on'),
    box('chdir', ['/'], 'step in'),
  ],
}
