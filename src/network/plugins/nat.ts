/**
 * The packet filter's part: boxes speak to the world as this host (masquerade), and a port of this host is one of a box's (dnat). All of it is a
 * table of the box's own, so that one message takes it away.
 */
import { AF_INET, AF_INET6, familyOf, networkOf, parseCidr, type Cidr } from '../../kernel/address.ts'
import { NETLINK_NETFILTER } from '../../kernel/constants.ts'
import { exchange } from '../../kernel/netlink-socket.ts'
import type { PortMapping } from '../../oci/network.ts'
import * as nft from '../../kernel/nftables.ts'
import { SyscallError } from '../../kernel/error.ts'

export interface Translation {
  /** Of the table. */
  name: string
  /** The box's addresses, in CIDR notation. */
  addresses: readonly string[]
  masquerade: boolean
  ports: readonly PortMapping[]
  /** The interface by which the box's packets come in. */
  bridge: string
}

const LOOPBACK = parseCidr('127.0.0.0/8')
const MULTICAST = { [AF_INET]: parseCidr('224.0.0.0/4'), [AF_INET6]: parseCidr('ff00::/8') }

// #region translate
export function translate(translation: Translation): void {
  for (const address of translation.addresses)
    exchange(NETLINK_NETFILTER, nft.batch(rules(parseCidr(address), translation)))
}

/** No error when there is none: what is to be taken away may be gone. */
export function stopTranslating(name: string): void {
  for (const family of [AF_INET, AF_INET6]) {
    try {
      exchange(NETLINK_NETFILTER, nft.batch([nft.deleteTable({ family, name })]))
    } catch (error) {
      if (!(error instanceof SyscallError) || !['ENOENT', 'EOPNOTSUPP'].includes(error.code)) throw error
    }
  }
}
// #endregion translate

const WAYS = {
  prerouting: { type: 'nat', hook: nft.NF_INET_PRE_ROUTING, priority: -100 },
  output: { type: 'nat', hook: nft.NF_INET_LOCAL_OUT, priority: -100 },
  postrouting: { type: 'nat', hook: nft.NF_INET_POST_ROUTING, priority: 100 },
  guard: { type: 'filter', hook: nft.NF_INET_PRE_ROUTING, priority: -300 },
} as const

// #region rules
/** @returns messages that make the table, a chain where packets come by for each that has rules, and the rules. */
function rules(inNetwork: Cidr, { name, masquerade, ports, bridge }: Translation): Buffer[] {
  const family = familyOf(inNetwork.address)
  const only = { address: inNetwork.address, prefix: family === AF_INET ? 32 : 128 }
  const its = ports.flatMap((port) => published(port, only.address))
  const all: Rule[] = [
    ...its.flatMap((words): Rule[] => [
      ['prerouting', words],
      ['output', words],
    ]),
    ...(masquerade ? [outwards(only, networkOf(inNetwork))] : []),
    ...(its.length > 0 ? fromItself(only) : []),
    ...(its.length > 0 && family === AF_INET ? fromThisHost(only, bridge) : []),
  ]
  const table = { family, name }
  const chains = [...new Set(all.map(([chain]) => chain))]
  return [
    nft.newTable(table),
    ...chains.map((chain) => nft.newChain(table, chain, WAYS[chain])),
    ...all.map(([chain, words]) => nft.newRule(table, chain, words.flat())),
  ]
}
// #endregion rules

type Rule = [chain: keyof typeof WAYS, words: Buffer[][]]

/** What leaves the box's network leaves under this host's name: nobody out there would know the way back to the box's. */
const outwards = (only: Cidr, network: Cidr): Rule => [
  'postrouting',
  [
    nft.from(only),
    nft.to(network, 'not'),
    nft.to(MULTICAST[familyOf(only.address) as 2 | 10], 'not'),
    nft.masquerade(),
  ],
]

/** Its own published port, from the box itself: the answer must not take the short way. */
const fromItself = (only: Cidr): Rule[] => [['postrouting', [nft.from(only), nft.to(only), nft.masquerade()]]]

// #region published
/** It is for this host, at that port: on with it to the box. */
function published(
  { hostPort, containerPort, protocol = 'tcp', hostIP = '' }: PortMapping,
  address: string,
): Buffer[][][] {
  const everywhere = ['', '0.0.0.0', '::'].includes(hostIP)
  if (!everywhere && familyOf(hostIP) !== familyOf(address)) return []
  const at = everywhere ? [] : [nft.to({ address: hostIP, prefix: familyOf(hostIP) === AF_INET ? 32 : 128 })]
  return [
    [nft.toThisHost(), ...at, nft.toPort(protocol as nft.Protocol, hostPort), nft.sendOnTo(address, containerPort)],
  ]
}

/**
 * From 127.0.0.1 to the box, and back: the box would answer to its own 127.0.0.1. And since the bridge then takes packets with such addresses
 * (route_localnet), a neighbour's that is for this host's 127.0.0.1 is dropped (CVE-2020-8558).
 */
const fromThisHost = (only: Cidr, bridge: string): Rule[] => [
  ['postrouting', [nft.from(LOOPBACK), nft.to(only), nft.masquerade()]],
  ['guard', [nft.cameBy(bridge), nft.to(LOOPBACK), nft.drop()]],
]
// #endregion published
