/**
 * Addresses, given out one after the other, each a file that holds whose it is. The files are those of the CNI plugin `host-local`: either of
 * the two can go on where the other has stopped.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compare, lastOf, networkOf, parseCidr, plus } from '../../kernel/address.ts'
import { hasCode } from '../../kernel/error-code.ts'
import { flock } from '../../kernel/libc.ts'

/** A part of a network, both ends included, and the gateway, which is nobody's. */
export interface Range {
  subnet: string
  rangeStart?: string
  rangeEnd?: string
  gateway?: string
}

export interface Lease {
  address: string
  gateway: string
}

// #region lock
/** For as long as `work` goes on no other process gives or takes an address. */
export function locked<T>(directory: string, work: () => T): T {
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const fd = openSync(join(directory, 'lock'), 'a')
  try {
    flock(fd)
    return work()
  } finally {
    closeSync(fd)
  }
}
// #endregion lock

// #region lease
/** The next free address after the one that was given out last: an old one rests as long as it can. @returns none when there is none. */
export function lease(directory: string, set: readonly Range[], n: number, owner: string): Lease | undefined {
  const marker = join(directory, `last_reserved_ip.${n}`)
  const last = existsSync(marker) ? readFileSync(marker, 'utf8').trim() : ''
  const all = set.flatMap((range) => [...addressesIn(range)])
  const after = all.findIndex(({ address }) => address.startsWith(`${last}/`)) + 1
  for (const candidate of [...all.slice(after), ...all.slice(0, after)]) {
    const [ip = ''] = candidate.address.split('/')
    if (!reserve(join(directory, fileFor(ip)), owner)) continue
    writeFileSync(marker, ip)
    return candidate
  }
  return undefined
}

/** open(2), O_EXCL: of two that want it one gets it. */
function reserve(file: string, owner: string): boolean {
  try {
    writeFileSync(file, owner, { flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

export const leasesOf = (directory: string, owner: string): string[] =>
  (existsSync(directory) ? readdirSync(directory) : []).filter(
    (name) => isAddress(name) && readFileSync(join(directory, name), 'utf8').trim() === owner,
  )

export const release = (directory: string, owner: string): void => {
  for (const name of leasesOf(directory, owner)) rmSync(join(directory, name), { force: true })
}
// #endregion lease

/** `host-local` writes both, with this between them. */
export const ownerOf = (containerId: string, ifName: string): string => `${containerId}\r\n${ifName}`

const isAddress = (name: string): boolean => name !== 'lock' && !name.startsWith('last_reserved_ip')

/** In some file systems a colon is not to be had. */
const fileFor = (address: string): string => address.replaceAll(':', '_')

/** The first address of a network is the network's, the last one of an IPv4 network means everybody in it. */
function* addressesIn({ subnet, rangeStart, rangeEnd, gateway }: Range): Generator<Lease> {
  const network = networkOf(parseCidr(subnet))
  const first = plus(network.address, 1)
  const router = gateway ?? first
  const end = rangeEnd ?? (subnet.includes(':') ? lastOf(network) : plus(lastOf(network), -1))
  for (let address = rangeStart ?? first; compare(address, end) <= 0; address = plus(address, 1))
    if (address !== router) yield { address: `${address}/${network.prefix}`, gateway: router }
}
