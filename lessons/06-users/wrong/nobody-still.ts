/** The maps are written, and the process has not become anybody in them: its own number, 0 outside, is none of those in the map. */
import { CLONE_NEWUSER } from '../../../src/kernel/constants.ts'
import { BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'

const MAP = '0 524288 65536'

export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: () => [
    host('unshare', [CLONE_NEWUSER], 'apart'),
    host('write', [`/proc/${BOX}/uid_map`, MAP], 'users'),
    host('write', [`/proc/${BOX}/gid_map`, MAP], 'groups'),
  ],
}
