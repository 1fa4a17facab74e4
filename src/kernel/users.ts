/** Which user namespace we are in, and which numbers there are in it: user_namespaces(7). */
import { readFileSync } from 'node:fs'

export interface Users {
  /** Are we in another user namespace than the first? Then root is root in there alone. */
  namespaced: boolean
  /** Numbers that have a meaning in here, for users and groups alike, from 0 on and without a gap. */
  count: number
}

const ALL = 2 ** 32 - 1

// #region users
/** @param maps of a process, as in `/proc/PID/uid_map` and `gid_map`: first number inside, first outside, how many. */
export function readUsers(maps = ['uid_map', 'gid_map'].map((file) => readFileSync(`/proc/self/${file}`, 'utf8'))): Users {
  const count = Math.min(...maps.map(countOf))
  return { namespaced: count < ALL, count }
}
// #endregion users

function countOf(map: string): number {
  const ranges = map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .sort(([one = 0], [other = 0]) => one - other)
  return ranges.reduce((end, [inside, , length = 0]) => (inside === end ? end + length : end), 0)
}
