/**
 * Lesson 6. Not really root. A user namespace has numbers of its own: who is 0 in there is somebody else outside, and has rights over nothing but
 * what belongs to the namespace. user_namespaces(7).
 */
import { CLONE_NEWUSER } from '../kernel/constants.ts'
import type { IdMapping } from '../oci/spec.ts'
import { box, BOX, host, type Wall } from '../plan/plan.ts'

// #region users
export const users: Wall = {
  name: 'users',
  lesson: 6,
  steps: ({ linux: { uidMappings, gidMappings } }) => [
    host('unshare', [CLONE_NEWUSER], 'born in a user namespace of its own'),
    host('write', [`/proc/${BOX}/uid_map`, lines(uidMappings)], 'who is who'),
    ...(isOne(gidMappings) ? [keepsGroups] : []),
    host('write', [`/proc/${BOX}/gid_map`, lines(gidMappings)], 'and groups'),
    ...(isOne(gidMappings) ? [] : [leavesGroups]),
    box('setgid', [0], 'root, in here'),
    box('setuid', [0], 'root, in here'),
  ],
}
// #endregion users

/** One line for each range: first number inside, first outside, how many. */
const lines = (mappings: readonly IdMapping[]): string =>
  mappings
    .map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`)
    .join('\n')

// #region groups
const leavesGroups = box('setgroups', [[]], 'in none of those from before')

/** Where anybody may write the map, nobody may leave a group by it: a file can say that a group may not what all others may. */
const keepsGroups = host(
  'write',
  [`/proc/${BOX}/setgroups`, 'deny'],
  'else nobody may write the next line who is not root',
)
// #endregion groups

const isOne = ([first, ...more]: readonly IdMapping[]): boolean =>
  more.length === 0 && first?.size === 1
