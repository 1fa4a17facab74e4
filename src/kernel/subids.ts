/** Numbers that an administrator has put by for a user, besides their own: subuid(5), subgid(5). newuidmap(1) writes them into a map. */
import { constants } from 'node:fs'
import { userInfo } from 'node:os'
import { mayAccess, readOrEmpty } from './file.ts'

export interface Range {
  first: number
  count: number
}

/** None where there are none, or nobody to write them. */
export interface Subids {
  uids: Range
  gids: Range
  /** The two programs, which may write maps that the user may not. */
  newuidmap: string
  newgidmap: string
}

// #region subids
/** @param names by which a file may call the user: a name, or a number. @returns the first range of theirs that is one. */
export function rangeOf(file: string, names: readonly string[]): Range | undefined {
  const lines = file.split('\n').map((line) => line.trim().split(':'))
  const ranges = lines
    .filter(([name = '', ...numbers]) => names.includes(name) && numbers.length === 2 && numbers.every(isNumber))
    .map(([, first, count]) => ({ first: Number(first), count: Number(count) }))
  return ranges.find(({ first, count }) => first > 0 && count > 0 && first + count < 2 ** 32)
}

/** Both kinds or neither: a user without a group would be half of one. */
export function readSubids(): Subids | undefined {
  const names = [name(), String(process.getuid?.())].filter((one) => one !== undefined)
  const [uids, gids] = ['/etc/subuid', '/etc/subgid'].map((path) => rangeOf(readOrEmpty(path), names))
  const [newuidmap, newgidmap] = ['newuidmap', 'newgidmap'].map(program)
  return uids && gids && newuidmap !== undefined && newgidmap !== undefined
    ? { uids, gids, newuidmap, newgidmap }
    : undefined
}
// #endregion subids

const isNumber = (text: string): boolean => /^\d+$/.test(text)

/** A number without a name is a user too. */
function name(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

const program = (name: string): string | undefined =>
  ['/usr/bin', '/bin', '/usr/sbin', '/usr/local/bin'].map((place) => `${place}/${name}`).find(isExecutable)

const isExecutable = (path: string): boolean => mayAccess(path, constants.X_OK)
