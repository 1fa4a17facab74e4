/**
 * Lesson 2, your wall: names of its own. It is put before lesson 1's: the box has its namespaces first, and then changes its root.
 *
 *   boxwright stage 2 run --wall THIS_FILE sh       to try it: echo $$, hostname, ls -l /proc/self/ns
 *   boxwright check 2                               to have it judged
 *   boxwright hint                                  when you are stuck
 */
import * as kernel from '../../src/kernel/constants.ts'
import { box, host, type Draft, type Wall } from '../../src/plan/plan.ts'

export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ hostname }) => [
    // TODO 1: A process never changes its own number. So which namespace has to be asked for by `host`, before the box is born?
    ...fromOutside(0),
    // TODO 2: The others the box asks for itself, all in one call. One flag is missing for the host name, one for IPC, one for cgroups.
    box('unshare', [kernel.CLONE_NEWNS], 'names of its own'),
    // TODO 3: Everything in a new namespace begins as a copy. What has to be changed, and what is its new value?
    ...named(hostname, 'UTS'),
  ],
}

/** @param flags such as kernel.CLONE_NEWPID; there is nothing to ask for as long as they are 0. */
const fromOutside = (flags: number): Draft[] =>
  flags === 0 ? [] : [host('unshare', [flags], 'for the next child')]

/** TODO 3: box('…', [name], '…') */
const named = (_name: string, _namespace: 'UTS'): Draft[] => []
