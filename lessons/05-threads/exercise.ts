/**
 * Lesson 5, your wall: the last step before the command gives its rights away. Root becomes nobody.
 *
 *   boxwright stage 5 run --wall THIS_FILE id       to try it: sh, and then mount -o remount,rw /sys
 *   boxwright check 5                               to have it judged
 *   boxwright hint                                  when you are stuck
 */
import { CLONE_NEWUTS } from '../../src/kernel/constants.ts'
import { box, type Wall } from '../../src/plan/plan.ts'

export const nobody: Wall = {
  name: 'nobody',
  lesson: 5,
  steps: (_spec) => [
    // TODO 1: Rights belong to a user namespace, and this is another kind. Which flag is it? user_namespaces(7) has it.
    box('unshare', [CLONE_NEWUTS], 'root is nobody in here'),
    // TODO 2: Try it with `host` in the place of `box`. Who is nobody then, from which step on, and what can it no longer build? Put it back.
  ],
}
