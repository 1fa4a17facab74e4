/**
 * Who a command runs as, as people write it: `1000`, `1000:100`, `www-data`. A number is a number, and never the name of somebody (CVE-2016-3697); what is
 * neither is refused, and not read as far as it goes (CVE-2026-30892).
 */
import type { User } from './spec.ts'

/** The texts of a box's own /etc/passwd and /etc/group: passwd(5), group(5). */
export interface Accounts {
  passwd: string
  group: string
}

/** The last number but one: 4294967295 is -1, with which setuid(2) changes nothing. */
const MOST = 2 ** 32 - 2

// #region parse
/** @throws RangeError naming the value, and what is so. */
export function parseUser(text: string, { passwd, group }: Accounts): User {
  const [user = '', name, ...more] = text.split(':')
  if (user === '' || name === '' || more.length > 0) throw refuse(text, 'it is not a user, or USER:GROUP')
  const uid = numberOf(user, text)
  const account = rows(passwd).find(([known, , number]) =>
    uid === undefined ? known === user : Number(number) === uid,
  )
  if (uid === undefined && !account) throw refuse(text, `there is no user "${user}" in the box's /etc/passwd`)
  const own = { uid: uid ?? idIn(account, 2, text), gid: account ? idIn(account, 3, text) : 0 }
  if (name !== undefined) return { ...own, gid: groupOf(name, group, text) }
  const additionalGids = account ? groupsOf(account[0] ?? '', group, text) : []
  return { ...own, ...(additionalGids.length > 0 && { additionalGids }) }
}
// #endregion parse

/** @returns nothing for a name. */
function numberOf(word: string, text: string): number | undefined {
  if (!/^-?\d+$/.test(word)) return undefined
  if (!/^(0|[1-9]\d*)$/.test(word)) throw refuse(text, `"${word}" is not how a number is written`)
  if (Number(word) > MOST) throw refuse(text, `numbers of users and groups go up to ${MOST}`)
  return Number(word)
}

/** passwd(5), the sixth field; whoever is not there has the root. */
export const homeOf = (uid: number, { passwd }: Accounts): string =>
  rows(passwd).find(([, , number]) => number === String(uid))?.[5] || '/'

function groupOf(word: string, group: string, text: string): number {
  const number = numberOf(word, text)
  if (number !== undefined) return number
  const found = rows(group).find(([name]) => name === word)
  if (!found) throw refuse(text, `there is no group "${word}" in the box's /etc/group`)
  return idIn(found, 2, text)
}

/** Of a member: group(5), the fourth field. */
const groupsOf = (user: string, group: string, text: string): number[] =>
  rows(group)
    .filter(([, , , members = '']) => members.split(',').includes(user))
    .map((row) => idIn(row, 2, text))

function idIn(row: readonly string[] | undefined, field: number, text: string): number {
  const id = numberOf(row?.[field] ?? '', text)
  if (id === undefined) throw refuse(text, `the box's own files have no number for "${row?.[0] ?? ''}"`)
  return id
}

const rows = (file: string): string[][] =>
  file
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))

const refuse = (text: string, fact: string): RangeError =>
  new RangeError(
    `Cannot run as "${text}": ${fact}\n  Write a number or a name: --user 1000, --user 1000:100, --user nobody`,
  )
