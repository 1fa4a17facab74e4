/** Which users and groups there are: all of them, or in a user namespace those that it has a map for. user_namespaces(7). */
import { readFileSync } from 'node:fs'
import { rangesIn, type Range } from '../kernel/users.ts'
import { badEntry } from './layer-error.ts'

export interface Numbers {
  uids: readonly Range[]
  gids: readonly Range[]
  /** Not the machine's own namespace: it makes no devices, and its overlay reads other xattrs. */
  isUserNamespace: boolean
}

/** Of this process. */
export function readNumbers(): Numbers {
  const [uids, gids] = [
    rangesIn(readFileSync('/proc/self/uid_map', 'utf8')),
    rangesIn(readFileSync('/proc/self/gid_map', 'utf8')),
  ]
  return { uids, gids, isUserNamespace: !uids.some(({ first, count }) => first === 0 && count === ALL) }
}

/** `(uid_t) -1` is nobody. */
const ALL = 2 ** 32 - 1

// #region known
/** @throws LayerError for a file that would be nobody's. */
export function expectKnown(
  { uids, gids }: Numbers,
  { name, uid, gid }: { name: string; uid: number; gid: number },
): void {
  if (!isIn(uids, uid)) throw unknown(name, 'user', uid, uids)
  if (!isIn(gids, gid)) throw unknown(name, 'group', gid, gids)
}
// #endregion known

const isIn = (ranges: readonly Range[], number: number): boolean =>
  ranges.some(({ first, count }) => number >= first && number < first + count)

const unknown = (name: string, what: string, number: number, ranges: readonly Range[]): Error =>
  badEntry(
    name,
    `it belongs to ${what} ${number}, whom this user namespace does not have: it has ${ranges.map(said).join(', ')}\n` +
      '  Ask the administrator for more numbers in /etc/subuid and /etc/subgid, or unpack it as root',
  )

const said = ({ first, count }: Range): string => (count === 1 ? `${first}` : `${first}–${first + count - 1}`)
