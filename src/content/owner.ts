/** Who is at work on something, so that another process can tell whether it still is. A dead owner owns nothing. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isAlive, namespaceOf, processId } from '../kernel/proc.ts'

// #region owner
export interface Owner {
  pid: number
  /** Ticks after boot: a number that another process was given later is told apart. */
  started: number
  boot: string
  /** Numbers count in one PID namespace. */
  pidNamespace: number
  /** Of several owners in one process. */
  token: string
}

const here = new Set<string>()

export function becomeOwner(): Owner {
  const token = randomUUID()
  here.add(token)
  return { ...ownerOf(process.pid), token }
}

/** Another process of our PID namespace, which lives. */
export function ownerOf(number: number): Owner {
  const { pid, started } = processId(number) ?? { pid: number, started: 0 }
  return { pid, started, boot: bootId(), pidNamespace: namespaceOf('self', 'pid'), token: '' }
}

export const letGo = ({ token }: Owner): void => void here.delete(token)

/** Of one in another PID namespace nothing can be seen but that it gives signs of life. @param sign when it gave the last one. */
export function isAtWork(owner: Owner, sign: number): boolean {
  if (owner.boot !== bootId()) return false
  if (isElsewhere(owner)) return Date.now() - sign < 5 * SIGN_OF_LIFE
  return owner.pid === process.pid ? here.has(owner.token) : isAlive(owner)
}

/** In milliseconds: so often whoever is at work touches what it is at. */
export const SIGN_OF_LIFE = 2000

export const isElsewhere = ({ pidNamespace }: Owner): boolean => pidNamespace !== namespaceOf('self', 'pid')
// #endregion owner

/** random(4): another one after each boot. */
const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
