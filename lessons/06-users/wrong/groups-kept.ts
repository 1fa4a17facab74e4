/** setgid(2) changes one group. Those that the process was born with it is in still, and a file may be theirs. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'groups'
export const cause = 'born with'

const MAP = '0 524288 65536'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: () => [
    host('unshare', [CLONE_NEWUSER], 'apart'),
    host('write', [`/proc/${BOX}/uid_map`, MAP], 'users'),
    host('write', [`/proc/${BOX}/gid_map`, MAP], 'groups'),
    box('setgid', [0], 'root'),
    box('setuid', [0], 'root'),
  ],
}
