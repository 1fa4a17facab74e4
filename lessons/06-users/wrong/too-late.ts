/** The map is for who is born by then: asked for in the box lane, the namespace is there only after the host has written. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'refused a step'

const MAP = '0 524288 65536'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: () => [
    host('write', [`/proc/${BOX}/uid_map`, MAP], 'users'),
    host('write', [`/proc/${BOX}/gid_map`, MAP], 'groups'),
    box('unshare', [CLONE_NEWUSER], 'apart'),
    box('setgroups', [[]], 'no groups'),
    box('setgid', [0], 'root'),
    box('setuid', [0], 'root'),
  ],
}
