/** The interfaces, addresses and routes of the network that this thread is in, as the kernel tells them: rtnetlink(7). */
import { addressText, type Cidr } from './address.ts'
import * as constants from './constants.ts'
import { attributesIn, dump, type Reply } from './netlink.ts'
import { route } from './netlink-socket.ts'
import type { Route } from './rtnetlink.ts'

// #region read
export const readLinks = (): Link[] => route(getLinks()).flatMap(parseLink)

export const readAddresses = (): (Cidr & { index: number })[] => route(getAddresses()).flatMap(parseAddress)

export const readRoutes = (): Route[] => route(getRoutes()).flatMap(parseRoute)
// #endregion read

// #region look
export interface Link {
  index: number
  name: string
  up: boolean
  address: string
  mtu: number
  /** The index of the bridge that it is a port of; of a veth's peer, which may be in another namespace. */
  master?: number
  peer?: number
}

const getLinks = (): Buffer => dump(constants.RTM_GETLINK, Buffer.alloc(16))

export function parseLink({ type, body }: Reply): Link[] {
  if (type !== constants.RTM_NEWLINK) return []
  const found = attributesIn(body.subarray(16))
  const [master, peer] = [constants.IFLA_MASTER, constants.IFLA_LINK].map((name) => found.get(name)?.readUInt32LE())
  return [
    {
      index: body.readInt32LE(4),
      up: (body.readUInt32LE(8) & constants.IFF_UP) === constants.IFF_UP,
      name: textIn(found.get(constants.IFLA_IFNAME)),
      address:
        found
          .get(constants.IFLA_ADDRESS)
          ?.toString('hex')
          .replace(/..(?=.)/g, '$&:') ?? '',
      mtu: found.get(constants.IFLA_MTU)?.readUInt32LE() ?? 0,
      ...(master !== undefined && { master }),
      ...(peer !== undefined && { peer }),
    },
  ]
}
// #endregion look

const textIn = (bytes: Buffer | undefined): string => bytes?.subarray(0, -1).toString() ?? ''

const getAddresses = (): Buffer => dump(constants.RTM_GETADDR, Buffer.alloc(8))

function parseAddress({ type, body }: Reply): (Cidr & { index: number })[] {
  const found = attributesIn(body.subarray(8))
  const bytes = found.get(constants.IFA_LOCAL) ?? found.get(constants.IFA_ADDRESS)
  if (type !== constants.RTM_NEWADDR || bytes === undefined) return []
  return [
    {
      address: addressText(bytes),
      prefix: body[1] ?? 0,
      index: body.readUInt32LE(4),
    },
  ]
}

const getRoutes = (): Buffer => dump(constants.RTM_GETROUTE, Buffer.alloc(12))

function parseRoute({ type, body }: Reply): Route[] {
  if (type !== constants.RTM_NEWROUTE || body[4] !== constants.RT_TABLE_MAIN) return []
  const found = attributesIn(body.subarray(12))
  const [to, via] = [found.get(constants.RTA_DST), found.get(constants.RTA_GATEWAY)]
  const index = found.get(constants.RTA_OIF)?.readUInt32LE()
  return [
    {
      to: to === undefined ? 'default' : `${addressText(to)}/${body[1] ?? 0}`,
      ...(via !== undefined && { via: addressText(via) }),
      ...(index !== undefined && { index }),
    },
  ]
}
