/**
 * Lesson 1, your wall: a root of its own. It runs nothing itself: it says which system calls are to be made, and by whom. `host` is the
 * launcher, `box` the process that becomes the command.
 *
 *   boxwright stage 1 run --wall THIS_FILE ls /     to try it
 *   boxwright check 1                               to have it judged
 *   boxwright hint                                  when you are stuck
 */
import { box, type Wall } from '../../src/plan/plan.ts'

export const root: Wall = {
  name: 'root',
  lesson: 1,
  steps: (spec) => [
    // TODO 1: This walks to the directory, and / is still your machine's. Which call makes it what / means?
    box('chdir', [spec.root.path], 'go to the root file system'),
    // TODO 2: That call leaves one thing outside: "ls ." and "cd .." would show it to you. How does it come in?
  ],
}
