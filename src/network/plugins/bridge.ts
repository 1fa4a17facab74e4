/**
 * The CNI plugin `bridge`: a switch in the kernel, and a cable from it into the box. The cable is a veth pair, one end of which is born in the
 * box's network namespace; address and gateway come from whoever keeps the addresses.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { networkOf, parseCidr } from '../../kernel/address.ts'
import { SyscallError } from '../../kernel/error.ts'
import type { Link } from '../../kernel/interfaces.ts'
import { route } from '../../kernel/netlink-socket.ts'
import * as rtnetlink from '../../kernel/rtnetlink.ts'
import { parseResult } from '../cni/result.ts'
import { CniError, ERRORS, type Result } from '../cni/spec.ts'
import { addressesOf, inside, isThere, linkNamed } from './namespace.ts'
import { stopTranslating, translate } from './nat.ts'
import { delegate, type Plugin, type Request } from './plugin.ts'

interface BridgeConfig {
  bridge?: string
  isGateway?: boolean
  isDefaultGateway?: boolean
  ipMasq?: boolean
  hairpinMode?: boolean
  mtu?: number
}

// #region bridge
export const bridge: Plugin = {
  add: (request) => {
    const { bridge: name = 'cni0', isGateway, isDefaultGateway, ipMasq } = optionsOf(request)
    const gateway = isGateway === true || isDefaultGateway === true
    const addresses = addressesFor(request, gateway, isDefaultGateway === true)
    try {
      const ours = ensureBridge(name)
      const [outer, inner] = cable(request, ours.index)
      const { ips = [], routes = [] } = addresses
      settle(request, addresses)
      if (gateway) beGateway(name, ips)
      if (ipMasq) masquerade(request, name, ips)
      const interfaces = [{ name, mac: ours.address }, outer, inner]
      return { dns: {}, ...addresses, interfaces, ips: ips.map((ip) => ({ ...ip, interface: 2 })), routes }
    } catch (error) {
      bridge.del(request)
      throw error
    }
  },

  del: (request) => {
    const { ipam } = request.config
    if (ipam?.type) delegate('DEL', ipam.type, request)
    stopTranslating(tableOf(request))
    if (isThere(request.netns)) inside(request.netns, () => cut(request.ifName))
    else outerEnds(request).forEach(cut)
  },

  check: (request) => {
    const { ipam, prevResult } = request.config
    if (ipam?.type) delegate('CHECK', ipam.type, request)
    const wanted = (prevResult?.ips ?? []).map(({ address }) => address)
    const found = inside(request.netns, () => {
      const link = linkNamed(request.ifName)
      return link?.up ? addressesOf(link) : undefined
    })
    if (!found) throw new CniError(ERRORS.plugin, `${request.ifName} is not there, or down`)
    const missing = wanted.find((address) => !found.includes(address))
    if (missing !== undefined) throw new CniError(ERRORS.plugin, `${request.ifName} has not the address ${missing}`)
  },
}
// #endregion bridge

const optionsOf = ({ config }: Request): BridgeConfig => config as BridgeConfig

/** By the plugin that keeps them. Without one the box gets a cable and no address. */
function addressesFor(request: Request, gateway: boolean, byDefault: boolean): Result {
  const { ipam, cniVersion } = request.config
  if (!ipam?.type) return { cniVersion, ips: [] }
  const result = parseResult(delegate('ADD', ipam.type, request))
  const ips = (result.ips ?? []).map(({ address, gateway: given }) => ({
    address,
    gateway: given ?? firstOf(address, gateway),
  }))
  const routes = [
    ...(result.routes ?? []),
    ...(byDefault ? ips.map(({ address, gateway: by }) => everywhere(address, by)) : []),
  ]
  return {
    ...result,
    cniVersion,
    ips: ips.map(({ address, gateway: by }) => ({ address, ...(by && { gateway: by }) })),
    routes,
  }
}

/** The default route: whatever is for nobody that is known. */
const everywhere = (address: string, gw?: string): { dst: string; gw?: string } => ({
  dst: address.includes(':') ? '::/0' : '0.0.0.0/0',
  ...(gw && { gw }),
})

const firstOf = (address: string, wanted: boolean): string =>
  wanted ? networkOf(parseCidr(address)).address.replace(/\d+$/, (last) => String(Number(last) + 1)) : ''

// #region cable
function ensureBridge(name: string): Link {
  const isNew = succeeds(() => route(rtnetlink.newBridge(name)), 'EEXIST')
  const made = linkNamed(name)
  if (!made) throw new CniError(ERRORS.ioFailure, `the bridge ${name} is gone again`)
  // Its hardware address would be that of some port, and another one when that port is gone: this makes it its own.
  if (isNew) route(rtnetlink.setAddress(made.index, made.address))
  route(rtnetlink.linkUp(made.index))
  return made
}

/** @returns whether it did; not when the kernel refused it with that error. */
function succeeds(call: () => unknown, otherwise: string): boolean {
  try {
    call()
    return true
  } catch (error) {
    if (error instanceof SyscallError && error.code === otherwise) return false
    throw error
  }
}

// #region veth
/** One end in this namespace, plugged into the bridge; the other is born in the box's. */
function cable(request: Request, bridge: number): [End, End] {
  const { netns, ifName } = request
  const { mtu, hairpinMode } = optionsOf(request)
  const name = `veth${randomBytes(4).toString('hex')}`
  const fd = openSync(netns, 'r')
  try {
    route(rtnetlink.newVeth(name, { name: ifName, fd, ...(mtu !== undefined && { mtu }) }))
  } finally {
    closeSync(fd)
  }
  const outer = linkNamed(name)
  const inner = inside(netns, () => linkNamed(ifName))
  if (!outer || !inner) throw new CniError(ERRORS.ioFailure, `the cable ${name} is gone again`)
  route(rtnetlink.setMaster(outer.index, bridge), rtnetlink.linkUp(outer.index))
  if (hairpinMode) route(rtnetlink.setHairpin(outer.index))
  return [
    { name, mac: outer.address },
    { name: ifName, mac: inner.address, sandbox: netns },
  ]
}
// #endregion veth
// #endregion cable

interface End {
  name: string
  mac: string
  sandbox?: string
}

// #region settle
/** In the box: the address, up, and where to send what is not for a neighbour. */
function settle({ netns, ifName }: Request, { ips = [], routes = [] }: Result): void {
  inside(netns, () => {
    const index = linkNamed(ifName)?.index ?? 0
    route(...ips.map(({ address }) => rtnetlink.newAddress(index, address)), rtnetlink.linkUp(index))
    route(
      ...routes.map(({ dst, gw }) => {
        const via = gw ?? ips.find(({ address }) => address.includes(':') === dst.includes(':'))?.gateway
        return rtnetlink.newRoute({ to: dst, index, ...(via && { via }) })
      }),
    )
  })
}

/** The bridge is a neighbour of the box too, when it has an address; and this host then carries packets on that are not its own. */
function beGateway(name: string, ips: NonNullable<Result['ips']>): void {
  const link = linkNamed(name)
  if (!link) return
  for (const { address, gateway } of ips) {
    const own = `${gateway ?? ''}/${parseCidr(address).prefix}`
    if (gateway && !addressesOf(link).includes(own)) route(rtnetlink.newAddress(link.index, own))
    const switches = address.includes(':') ? 'ipv6/conf/all/forwarding' : 'ipv4/ip_forward'
    writeFileSync(`/proc/sys/net/${switches}`, '1')
  }
}
// #endregion settle

const masquerade = (request: Request, bridge: string, ips: NonNullable<Result['ips']>): void =>
  translate({
    name: tableOf(request),
    addresses: ips.map(({ address }) => address),
    masquerade: true,
    ports: [],
    bridge,
  })

const tableOf = ({ containerId, ifName }: Request): string => `boxwright-masq-${containerId}-${ifName}`

/** Of a pair that loses one end the other goes too. */
function cut(ifName: string): void {
  const link = linkNamed(ifName)
  if (link) succeeds(() => route(rtnetlink.deleteLink(link.index)), 'ENODEV')
}

/** Those of a namespace that has ended: the kernel takes them away at its leisure, and whoever asks whether the bridge is still needed would find them. */
const outerEnds = ({ config }: Request): string[] =>
  (config.prevResult?.interfaces ?? [])
    .filter(({ name, sandbox }) => !sandbox && name.startsWith('veth'))
    .map(({ name }) => name)
