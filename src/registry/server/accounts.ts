/** Who may come in: a file as `htpasswd -B` of Apache's writes it. RFC 7617. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { RegistryError } from '../http/error.ts'
import { BCRYPT, isBcryptOf } from './bcrypt.ts'

/** @returns whether a request may go on, by its Authorization. */
export type Admits = (authorization: string | undefined) => boolean

// #region accounts
/** @throws RegistryError of a file that is missing, or has passwords that are kept in another way. */
// ts-unused-exports:disable-next-line
export function readAccounts(path: string): Admits {
  const hashes = new Map(linesOf(path).map(({ name, hash }) => [name, hash]))
  const admitted = new Set<string>() // a password takes its time to check; what was right once is remembered, not in clear
  return (authorization = '') => {
    const shown = createHash('sha256').update(authorization).digest('hex')
    if (admitted.has(shown)) return true
    const { name, password } = parseBasic(authorization)
    const isRight = isBcryptOf(password, hashes.get(name) ?? NOBODYS)
    if (isRight) admitted.add(shown)
    return isRight
  }
}
// #endregion accounts

/** Nobody learns from the time it takes whether there is an account. */
const NOBODYS = `$2y$05$${'.'.repeat(53)}`

function parseBasic(authorization: string): { name: string; password: string } {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? []
  const [, name = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return { name, password }
}

function linesOf(path: string): { name: string; hash: string }[] {
  return read(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, n) => {
      const [name = '', hash = ''] = line.split(':')
      if (name !== '' && BCRYPT.test(hash)) return { name, hash }
      throw new RegistryError(
        `Cannot read the accounts in "${path}": line ${n + 1} has no password of bcrypt, up to a cost of 16\n  Write it anew: htpasswd -B ${path} ${name || 'NAME'}`,
      )
    })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new RegistryError(`Cannot read the accounts in "${path}": ${(cause as Error).message}`, { cause })
  }
}
