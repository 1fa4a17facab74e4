/** Interfaces, addresses and routes, as messages: rtnetlink(7). An interface is known by its index; a name is only a name. */
import { addressBytes, familyOf, parseCidr } from './address.ts'
import {
  IFA_ADDRESS,
  IFA_LOCAL,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_MASTER,
  IFLA_MTU,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_GATEWAY,
  RTA_OIF,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_SETLINK,
} from './constants.ts'
import {
  attribute,
  NLA_F_NESTED,
  request,
  NLM_F_CREATE,
  NLM_F_EXCL,
  text,
  u32,
} from './netlink.ts'

const NEW = NLM_F_CREATE | NLM_F_EXCL

/** `<linux/if_link.h>`, `<linux/veth.h>`. */
const IFLA_PROTINFO = 12
const IFLA_LINKINFO = 18
const IFLA_NET_NS_PID = 19
const IFLA_NET_NS_FD = 28
const IFLA_INFO_KIND = 1
const IFLA_INFO_DATA = 2
const VETH_INFO_PEER = 1
const IFLA_BRPORT_MODE = 4

/** `<sys/socket.h>`. */
const AF_BRIDGE = 7

/** The first interface of every network namespace, made with it. */
export const LOOPBACK = 1

// #region link
/** struct ifinfomsg: which interface, and which of its flags are to be what. */
function ifinfomsg(index: number, flags = 0, change = 0): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt32LE(flags, 8)
  bytes.writeUInt32LE(change, 12)
  return bytes
}

// #region up
export const linkUp = (index: number): Buffer =>
  request(RTM_NEWLINK, 0, ifinfomsg(index, IFF_UP, IFF_UP))
// #endregion up
// #endregion link

// #region make
export const newBridge = (name: string): Buffer =>
  request(
    RTM_NEWLINK,
    NEW,
    ifinfomsg(0),
    attribute(IFLA_IFNAME, text(name)),
    linkInfo('bridge'),
  )

/** Two interfaces, and what goes into one comes out of the other: veth(4). The peer may be born in another network namespace. */
export function newVeth(name: string, peer: Peer): Buffer {
  const other = [
    ifinfomsg(0),
    ...(peer.mtu === undefined ? [] : [attribute(IFLA_MTU, u32(peer.mtu))]),
    ...(peer.address === undefined
      ? []
      : [attribute(IFLA_ADDRESS, mac(peer.address))]),
    ...('pid' in peer ? [attribute(IFLA_NET_NS_PID, u32(peer.pid))] : []),
    ...('fd' in peer ? [attribute(IFLA_NET_NS_FD, u32(peer.fd))] : []),
    attribute(IFLA_IFNAME, text(peer.name)),
  ]
  return request(
    RTM_NEWLINK,
    NEW,
    ifinfomsg(0),
    ...(peer.mtu === undefined ? [] : [attribute(IFLA_MTU, u32(peer.mtu))]),
    attribute(IFLA_IFNAME, text(name)),
    linkInfo('veth', attribute(VETH_INFO_PEER, ...other)),
  )
}
// #endregion make

/** The other end of a veth pair; `pid` or `fd` name the network namespace that it is to be in. */
export type Peer = { name: string; mtu?: number; address?: string } & (
  { pid: number } | { fd: number } | object
)

function linkInfo(kind: string, ...data: Buffer[]): Buffer {
  // Without its NUL, as iproute2 writes it.
  const info = attribute(IFLA_INFO_KIND, Buffer.from(kind))
  return attribute(
    IFLA_LINKINFO,
    info,
    ...(data.length ? [attribute(IFLA_INFO_DATA, ...data)] : []),
  )
}

// #region change
const change = (index: number, ...attributes: Buffer[]): Buffer =>
  request(RTM_NEWLINK, 0, ifinfomsg(index), ...attributes)

export const setMaster = (index: number, master: number): Buffer =>
  change(index, attribute(IFLA_MASTER, u32(master)))
export const moveToNamespaceOf = (index: number, pid: number): Buffer =>
  change(index, attribute(IFLA_NET_NS_PID, u32(pid)))
export const rename = (index: number, name: string): Buffer =>
  change(index, attribute(IFLA_IFNAME, text(name)))
export const setAddress = (index: number, address: string): Buffer =>
  change(index, attribute(IFLA_ADDRESS, mac(address)))
export const setMtu = (index: number, mtu: number): Buffer =>
  change(index, attribute(IFLA_MTU, u32(mtu)))
/** What comes from this port of a bridge may leave by it again. */
export const setHairpin = (index: number): Buffer => {
  const port = ifinfomsg(index)
  port[0] = AF_BRIDGE
  const mode = attribute(IFLA_BRPORT_MODE, Buffer.from([1]))
  return request(
    RTM_SETLINK,
    0,
    port,
    attribute(IFLA_PROTINFO | NLA_F_NESTED, mode),
  )
}
export const deleteLink = (index: number): Buffer =>
  request(RTM_DELLINK, 0, ifinfomsg(index))
// #endregion change

/** `02:00:00:00:00:07`. @throws RangeError of anything else. */
function mac(address: string): Buffer {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(address))
    throw new RangeError(
      `Cannot read the hardware address "${address}": it is not six bytes with colons between them`,
    )
  return Buffer.from(address.replaceAll(':', ''), 'hex')
}

/** `<linux/if_addr.h>`, `<linux/rtnetlink.h>`: rtnetlink(7). */
const IFA_F_NODAD = 0x02
const RTPROT_BOOT = 3
const RTN_UNICAST = 1
const RT_SCOPE_UNIVERSE = 0
const RT_SCOPE_LINK = 253

// #region address
/** @param cidr `10.1.2.3/24`: the address, and how many of its bits are the network's. */
export function newAddress(index: number, cidr: string): Buffer {
  const { address, prefix } = parseCidr(cidr)
  const bytes = addressBytes(address)
  // IPv6 would wait a second or two whether somebody else has the address: we gave it, and know.
  const flags = bytes.length === 16 ? IFA_F_NODAD : 0
  const ifaddrmsg = Buffer.from([
    familyOf(address),
    prefix,
    flags,
    0,
    0,
    0,
    0,
    0,
  ])
  ifaddrmsg.writeUInt32LE(index, 4)
  return request(
    RTM_NEWADDR,
    NEW,
    ifaddrmsg,
    attribute(IFA_LOCAL, bytes),
    attribute(IFA_ADDRESS, bytes),
  )
}

/** Whoever does not say by which gateway, means: on the link itself. */
export function newRoute({ to, via, index }: Route): Buffer {
  const { address, prefix } =
    to === 'default' ? { address: via ?? '0.0.0.0', prefix: 0 } : parseCidr(to)
  const scope =
    via === undefined && familyOf(address) === 2
      ? RT_SCOPE_LINK
      : RT_SCOPE_UNIVERSE
  const rtmsg = [
    familyOf(address),
    prefix,
    0,
    0,
    RT_TABLE_MAIN,
    RTPROT_BOOT,
    scope,
    RTN_UNICAST,
    0,
    0,
    0,
    0,
  ]
  return request(
    RTM_NEWROUTE,
    NEW,
    Buffer.from(rtmsg),
    ...(prefix === 0 ? [] : [attribute(RTA_DST, addressBytes(address))]),
    ...(via === undefined ? [] : [attribute(RTA_GATEWAY, addressBytes(via))]),
    ...(index === undefined ? [] : [attribute(RTA_OIF, u32(index))]),
  )
}
// #endregion address

export interface Route {
  /** `default`, or a network: `10.9.0.0/16`. */
  to: string
  via?: string
  index?: number
}
