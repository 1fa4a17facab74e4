/** Only walks to the directory. It stands in the right place, and / is the host's as before. */
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'

export const root: Wall = {
  name: 'root',
  lesson: 1,
  steps: (spec) => [
    box('chdir', [spec.root.path], 'go to the root file system'),
  ],
}
