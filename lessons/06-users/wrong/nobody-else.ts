/** One number is enough for root. For anybody else there is none: not for a file's owner, and not for setuid(2). */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'numbers'
export const cause = 'anybody else'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: () => [
    host('unshare', [CLONE_NEWUSER], 'apart'),
    host('write', [`/proc/${BOX}/uid_map`, '0 524288 1'], 'root'),
    host('write', [`/proc/${BOX}/gid_map`, '0 524288 65536'], 'groups'),
    box('setgroups', [[]], 'no groups'),
    box('setgid', [0], 'root'),
    box('setuid', [0], 'root'),
  ],
}
