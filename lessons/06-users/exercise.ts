/**
 * Lesson 6, your wall: a user namespace with numbers. Root in the box is root in there, and nobody outside.
 *
 *   boxwright stage 6 run --wall THIS_FILE id       to try it: sh, and then touch /tmp/x; ls -ln /tmp
 *   boxwright check 6                               to have it judged
 *   boxwright hint                                  when you are stuck
 */
import { CLONE_NEWUSER } from '../../src/kernel/constants.ts'
import { box, BOX, host, type Wall } from '../../src/plan/plan.ts'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: ({ linux }) => [
    host('unshare', [CLONE_NEWUSER], 'born in a user namespace of its own'),
    // TODO 1: Who is who? One line: the first number inside, the first outside, how many. `linux.uidMappings` says what is asked for.
    host(
      'write',
      [`/proc/${BOX}/uid_map`, `0 0 ${linux.uidMappings.length}`],
      'who is who',
    ),
    // TODO 2: Groups have a map of their own. And before, if you are not root, something must be denied: user_namespaces(7) says what.
    // TODO 3: Which groups is the box in? It was born with yours.
    // TODO 4: Until now it is nobody: the number that it has is not in the map. Two calls make it root, the group first. Why in that order?
    box('setuid', [0], 'root, in here'),
  ],
}
