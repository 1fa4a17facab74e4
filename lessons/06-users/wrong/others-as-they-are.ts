/** Root is mapped to nobody, and everybody else to themselves: root in the box becomes number 1000, and reads what is theirs. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'strangers'
export const cause = 'become each of them'

const MAP = '0 524288 1\n1 1 65535'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: () => [
    host('unshare', [CLONE_NEWUSER], 'apart'),
    host('write', [`/proc/${BOX}/uid_map`, MAP], 'root is somebody else'),
    host('write', [`/proc/${BOX}/gid_map`, MAP], 'root is somebody else'),
    box('setgroups', [[]], 'no groups'),
    box('setgid', [0], 'root'),
    box('setuid', [0], 'root'),
  ],
}
