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
    ...(gidMappings.some(({ size }) => size > 1) ? [] : [noGroups]),
    host('write', [`/proc/${BOX}/gid_map`, lines(gidMappings)], 'and groups'),
    ...(gidMappings.some(({ size }) => size > 1) ? [box('setgroups', [[]], 'no groups from before')] : []),
    box('setgid', [0], 'root, in here'),
    box('setuid', [0], 'root, in here'),
  ],
}
// #endregion users

const noGroups = host(
  'write',
  [`/proc/${BOX}/setgroups`, 'deny'],
  'what a group may not is not to be got rid of by leaving it',
)

/** One line for each range: first number inside, first outside, how many. */
const lines = (mappings: readonly IdMapping[]): string =>
  mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`).join('\n')
