/** Which user namespace we are in, and which numbers there are in it: user_namespaces(7). */
import { readFileSync } from 'node:fs'

export interface Users {
  /** Are we in another user namespace than the first? Then root is root in there alone. */
  namespaced: boolean
  /** Numbers that have a meaning in here, for users and groups alike, from 0 on and without a gap. */
  count: number
  /** The pieces that they are mapped in: a map below this one may not have a range that goes over two of them. */
  pieces: readonly number[]
}

const ALL = 2 ** 32 - 1

// #region users
/** @param maps of a process, as in `/proc/PID/uid_map` and `gid_map`: first number inside, first outside, how many. */
export function readUsers(maps = ['uid_map', 'gid_map'].map(readOwn)): Users {
  const ends = maps.map(endsOf)
  const count = Math.min(...ends.map((of) => of.at(-1) ?? 0))
  const cuts = [...new Set([...ends.flat(), count])]
    .filter((end) => end > 0 && end <= count)
    .sort((one, other) => one - other)
  return { namespaced: count < ALL, count, pieces: cuts.map((end, n) => end - (cuts[n - 1] ?? 0)) }
}
// #endregion users

const readOwn = (file: string): string => readFileSync(`/proc/self/${file}`, 'utf8')

/** Numbers that have a meaning inside. */
export interface Range {
  first: number
  count: number
}

/** The first first; none of a map that nobody has written yet. */
export const rangesIn = (map: string): Range[] =>
  map
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([first = 0, , count = 0]) => ({ first, count }))
    .sort((one, other) => one.first - other.first)

/** Where each range ends, from 0 on and up to the first gap. */
function endsOf(map: string): number[] {
  const ends: number[] = []
  for (const { first, count } of rangesIn(map)) if (first === (ends.at(-1) ?? 0)) ends.push(first + count)
  return ends
}
