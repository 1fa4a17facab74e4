/** Addresses of the Internet protocols as bytes, and networks: an address, and how many of its bits are the network's. ip(7), ipv6(7). */
import { isIPv4, isIPv6 } from 'node:net'

/** `<sys/socket.h>`: socket(2). */
export const AF_INET = 2
export const AF_INET6 = 10

/** `10.1.2.3/24` is the address 10.1.2.3 in a network of 2^8 addresses. */
export interface Cidr {
  address: string
  prefix: number
}

// #region bytes
/** @throws RangeError of what is no address. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  if (!isIPv6(address) || address.includes('%'))
    throw new RangeError(`Cannot read the address "${address}": it is neither IPv4 nor IPv6`)
  const [head = '', tail] = withoutDots(address).split('::')
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? [] : new Array<number>(8 - before.length - after.length).fill(0)
  const bytes = Buffer.alloc(16)
  for (const [n, group] of [...before, ...zeros, ...after].entries()) bytes.writeUInt16BE(group, 2 * n)
  return bytes
}
// #endregion bytes

const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)))

/** `::ffff:10.1.2.3` has its last four bytes in the other notation. */
function withoutDots(address: string): string {
  const dotted = /[\d.]+$/.exec(address)?.[0] ?? ''
  if (!dotted.includes('.')) return address
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return address.slice(0, -dotted.length) + [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(':')
}

/** RFC 5952: small letters, no leading zeros, the longest run of zeros left out. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  const groups = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(2 * n).toString(16))
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)]
  const longest = runs.reduce((best, [run]) => (run.length > best.length ? run : best), '')
  if (longest === '') return groups.join(':')
  const at = runs.find(([run]) => run === longest)?.index ?? 0
  const whole = groups.join(':')
  return `${whole.slice(0, at).replace(/:$/, '')}::${whole.slice(at + longest.length).replace(/^:/, '')}`
}

export const familyOf = (address: string): number => (isIPv4(address) ? AF_INET : AF_INET6)

// #region cidr
/** @throws RangeError of what is no address, a slash and a number of bits. */
export function parseCidr(text: string): Cidr {
  const [, address = '', bits = ''] = /^(.*)\/(\d{1,3})$/.exec(text) ?? []
  const prefix = Number(bits)
  if (bits === '' || prefix > addressBytes(address).length * 8)
    throw new RangeError(`Cannot read the network "${text}": it is not an address, a slash and a number of bits`)
  return { address, prefix }
}

/** The network that an address is in: its bits after the prefix are 0. */
export const networkOf = ({ address, prefix }: Cidr): Cidr => ({
  address: addressText(fromNumber(toNumber(address) & mask(address, prefix), sizeOf(address))),
  prefix,
})

export const contains = (network: Cidr, address: string): boolean =>
  sizeOf(network.address) === sizeOf(address) &&
  networkOf({ address, prefix: network.prefix }).address === networkOf(network).address
// #endregion cidr

/** The address so many places further on. */
export const plus = (address: string, places: number): string =>
  addressText(fromNumber(toNumber(address) + BigInt(places), sizeOf(address)))

/** The last address of a network; in IPv4 it means everybody in it. */
export const lastOf = ({ address, prefix }: Cidr): string => {
  const all = (1n << BigInt(sizeOf(address) * 8)) - 1n
  return addressText(fromNumber(toNumber(address) | (all & ~mask(address, prefix)), sizeOf(address)))
}

/** Of two addresses of one family: negative when the first comes first. */
export const compare = (one: string, other: string): number => Buffer.compare(addressBytes(one), addressBytes(other))

export const prefixMask = (address: string, prefix: number): Buffer =>
  fromNumber(mask(address, prefix), sizeOf(address))

const sizeOf = (address: string): number => (isIPv4(address) ? 4 : 16)

const toNumber = (address: string): bigint => BigInt(`0x${addressBytes(address).toString('hex')}`)

const fromNumber = (number: bigint, size: number): Buffer =>
  Buffer.from(number.toString(16).padStart(size * 2, '0'), 'hex')

function mask(address: string, prefix: number): bigint {
  const bits = sizeOf(address) * 8
  return ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix)
}
