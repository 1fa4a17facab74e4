/** Every number is itself: root in the box is root outside, in a user namespace that changes nothing but where its rights count. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'outside'
export const cause = 'root of the host'

const SAME = '0 0 65536'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: () => [
    host('unshare', [CLONE_NEWUSER], 'apart'),
    host('write', [`/proc/${BOX}/uid_map`, SAME], 'as outside'),
    host('write', [`/proc/${BOX}/gid_map`, SAME], 'as outside'),
    box('setgroups', [[]], 'no groups'),
    box('setgid', [0], 'root'),
    box('setuid', [0], 'root'),
  ],
}
