/**
 * Lesson 2, your wall: names of its own. It is put before lesson 1's: the box has its namespaces first, and then changes its root.
 *
 *   boxwright stage 2 run --wall THIS_FILE sh       to try it: echo $$, hostname, ls -l /proc/self/ns
 *   boxwright check 2                               to have it judged
 *   boxwright hint                                  when you are stuck
 */
import { CLONE_NEWNS, CLONE_NEWPID } from '../../src/kernel/constants.ts'
import { box, type Wall } from '../../src/plan/plan.ts'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: (_spec) => [
    // TODO 1: A process never changes its own number: this is for its next child. So who has to ask? `host` stands beside `box` in plan.ts.
    box('unshare', [CLONE_NEWPID], 'a number of its own'),
    // TODO 2: The others the box asks for itself, in one call: flags are joined by |. Host name, IPC and cgroups are missing here.
    box('unshare', [CLONE_NEWNS], 'names of its own'),
    // TODO 3: What is in a new namespace begins as a copy of the old. Which call changes the host name? The new one is spec.hostname.
  ],
}
