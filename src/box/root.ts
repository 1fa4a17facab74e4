/** Lesson 1. A root of its own: the directory at which a process begins to look when a path begins with `/`. */
import { box, type Wall } from '../plan/plan.ts'

// #region root
export const root: Wall = {
  name: 'root',
  lesson: 1,
  steps: (spec) => [
    box('chroot', [spec.root.path], 'look for / here from now on'),
    box('chdir', ['/'], 'chroot leaves the working directory outside: step in'),
  ],
}
// #endregion root
