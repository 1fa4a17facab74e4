/**
 * Rules of the kernel's packet filter, as messages: what nft(8) sends. Tables hold chains, a chain that has a hook is run for each packet that
 * comes by there, and a rule is a little program: load something into a register, compare, and do something. All or nothing: a batch.
 */
import { addressBytes, familyOf, prefixMask, type Cidr } from './address.ts'
import { attribute, be16, be32, message, NLA_F_NESTED, NLM_F_APPEND, NLM_F_CREATE, request, text } from './netlink.ts'

/** `<linux/netfilter/nfnetlink.h>`, `<linux/netfilter/nf_tables.h>`. */
const NFNL_SUBSYS_NFTABLES = 10
const NFNL_MSG_BATCH_BEGIN = 0x10
const NFNL_MSG_BATCH_END = 0x11
const NFT_MSG_NEWTABLE = 0
const NFT_MSG_DELTABLE = 2
const NFT_MSG_NEWCHAIN = 3
const NFT_MSG_NEWRULE = 6

/** One table of ours: of a family of addresses, under a name. */
export interface Table {
  family: number
  name: string
}

// #region batch
/** Played by the kernel as one: either all of it is so afterwards, or nothing has changed. */
export const batch = (messages: readonly Buffer[]): Buffer[] => [
  message(NFNL_MSG_BATCH_BEGIN, 0, nfgenmsg(0, NFNL_SUBSYS_NFTABLES)),
  ...messages,
  message(NFNL_MSG_BATCH_END, 0, nfgenmsg(0, NFNL_SUBSYS_NFTABLES)),
]

export const newTable = ({ family, name }: Table): Buffer =>
  ask(NFT_MSG_NEWTABLE, 0, family, attribute(1, text(name)), attribute(2, be32(0)))

/** With all that is in it. */
export const deleteTable = ({ family, name }: Table): Buffer =>
  ask(NFT_MSG_DELTABLE, 0, family, attribute(1, text(name)))

export const newChain = ({ family, name }: Table, chain: string, { type, hook, priority }: Hook): Buffer =>
  ask(
    NFT_MSG_NEWCHAIN,
    NLM_F_CREATE,
    family,
    attribute(1, text(name)),
    attribute(3, text(chain)),
    attribute(7, text(type)),
    attribute(5, be32(NF_ACCEPT)),
    nested(4, attribute(1, be32(hook)), attribute(2, be32(priority))),
  )

export const newRule = ({ family, name }: Table, chain: string, expressions: readonly Buffer[]): Buffer =>
  ask(
    NFT_MSG_NEWRULE,
    NLM_F_CREATE | NLM_F_APPEND,
    family,
    attribute(1, text(name)),
    attribute(2, text(chain)),
    nested(4, ...expressions),
  )
// #endregion batch

/** Where on a packet's way a chain is run, and when among others there: the smallest first. */
export interface Hook {
  type: 'nat' | 'filter'
  hook: number
  priority: number
}

/** `<linux/netfilter.h>`. On its way in, before it is known for whom; leaving a process of this host; on its way out, whoever it is from. */
export const NF_INET_PRE_ROUTING = 0
export const NF_INET_LOCAL_OUT = 3
export const NF_INET_POST_ROUTING = 4
const NF_DROP = 0
const NF_ACCEPT = 1

const nested = (type: number, ...attributes: Buffer[]): Buffer => attribute(type | NLA_F_NESTED, ...attributes)

const ask = (name: number, flags: number, family: number, ...attributes: Buffer[]): Buffer =>
  request((NFNL_SUBSYS_NFTABLES << 8) | name, flags, nfgenmsg(family), ...attributes)

const nfgenmsg = (family: number, resource = 0): Buffer => Buffer.concat([Buffer.from([family, 0]), be16(resource)])

/** The registers that rules of ours use. A verdict, what becomes of the packet, has one of its own. */
const VERDICT = 0
const REGISTER = 1
const REGISTER_2 = 2

const expression = (name: string, ...attributes: Buffer[]): Buffer =>
  nested(1, attribute(1, text(name)), nested(2, ...attributes))

// #region expressions
const equal = (value: Buffer, not = false): Buffer =>
  expression('cmp', attribute(1, be32(REGISTER)), attribute(2, be32(not ? 1 : 0)), nested(3, attribute(1, value)))

/** @param base 1: of the network header, 2: of the transport header. */
const payload = (base: 1 | 2, offset: number, length: number): Buffer =>
  expression(
    'payload',
    attribute(1, be32(REGISTER)),
    attribute(2, be32(base)),
    attribute(3, be32(offset)),
    attribute(4, be32(length)),
  )

const meta = (key: number): Buffer => expression('meta', attribute(2, be32(key)), attribute(1, be32(REGISTER)))

const load = (register: number, value: Buffer): Buffer =>
  expression('immediate', attribute(1, be32(register)), nested(2, attribute(1, value)))
// #endregion expressions

/** `<linux/netfilter/nf_tables.h>`, `<linux/rtnetlink.h>`, `<netinet/in.h>`. */
const NFT_META_IIFNAME = 6
const NFT_META_L4PROTO = 16
const NFT_FIB_RESULT_ADDRTYPE = 3
const NFTA_FIB_F_DADDR = 2
const RTN_LOCAL = 2
export const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const
export type Protocol = keyof typeof PROTOCOLS

// #region words
/** `ip saddr 10.1.2.0/24`, `ip daddr != …`. */
export const from = (cidr: Cidr, not?: 'not'): Buffer[] => addressMatch(cidr, { 4: 12, 16: 8 }, not)
export const to = (cidr: Cidr, not?: 'not'): Buffer[] => addressMatch(cidr, { 4: 16, 16: 24 }, not)

/** `fib daddr type local`: it is for an address of this host. */
export const toThisHost = (): Buffer[] => [
  expression(
    'fib',
    attribute(3, be32(NFTA_FIB_F_DADDR)),
    attribute(2, be32(NFT_FIB_RESULT_ADDRTYPE)),
    attribute(1, be32(REGISTER)),
  ),
  equal(Buffer.from([RTN_LOCAL, 0, 0, 0])),
]

/** `iifname "…"`: it came in by that interface. */
export const cameBy = (name: string): Buffer[] => [
  meta(NFT_META_IIFNAME),
  equal(Buffer.concat([Buffer.from(name), Buffer.alloc(16)]).subarray(0, 16)),
]

/** `tcp dport 8080`. */
export const toPort = (protocol: Protocol, port: number): Buffer[] => [
  meta(NFT_META_L4PROTO),
  equal(Buffer.from([PROTOCOLS[protocol]])),
  payload(2, 2, 2),
  equal(be16(port)),
]

/** `dnat to 10.1.2.3:80`: on with it, to somebody else. The answers' sender is put back by itself. */
export const sendOnTo = (address: string, port: number): Buffer[] => [
  load(REGISTER, addressBytes(address)),
  load(REGISTER_2, be16(port)),
  expression(
    'nat',
    attribute(1, be32(1)),
    attribute(2, be32(familyOf(address))),
    attribute(3, be32(REGISTER)),
    attribute(5, be32(REGISTER_2)),
    attribute(7, be32(NF_NAT_RANGE)),
  ),
]

/** `masquerade`: as if it came from this host; by whichever address it leaves. */
export const masquerade = (): Buffer[] => [expression('masq')]

export const drop = (): Buffer[] => [
  expression('immediate', attribute(1, be32(VERDICT)), nested(2, nested(2, attribute(1, be32(NF_DROP))))),
]
// #endregion words

/** `<linux/netfilter/nf_nat.h>`: to a port that is given. */
const NF_NAT_RANGE = 2

/** Whole bytes are compared as they are; where the network ends within one, the bits after it are taken away first. */
function addressMatch({ address, prefix }: Cidr, offsets: Record<number, number>, not?: 'not'): Buffer[] {
  const bytes = addressBytes(address)
  const offset = offsets[bytes.length] ?? 0
  const size = prefix % 8 === 0 ? prefix / 8 : bytes.length
  if (prefix === 0) return []
  if (size < bytes.length || prefix === bytes.length * 8)
    return [payload(1, offset, size), equal(bytes.subarray(0, size), not === 'not')]
  const mask = prefixMask(address, prefix)
  const network = Buffer.from(bytes.map((byte, n) => byte & (mask[n] ?? 0)))
  return [payload(1, offset, size), masked(mask), equal(network, not === 'not')]
}

const masked = (mask: Buffer): Buffer =>
  expression(
    'bitwise',
    attribute(1, be32(REGISTER)),
    attribute(2, be32(REGISTER)),
    attribute(3, be32(mask.length)),
    nested(4, attribute(1, mask)),
    nested(5, attribute(1, Buffer.alloc(mask.length))),
  )
