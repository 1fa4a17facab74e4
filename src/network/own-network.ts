/**
 * The network `bridge`, which needs no configuration: a bridge of Boxwright's, addresses from a subnet that is free here, and the packet filter's part
 * in a table for each box. With the first box it comes and with the last it goes, and the machine is as it was.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../kernel/file.ts'
import { contains, parseCidr } from '../kernel/address.ts'
import { route } from '../kernel/netlink-socket.ts'
import { readLinks, readRoutes } from '../kernel/interfaces.ts'
import { deleteLink } from '../kernel/rtnetlink.ts'
import { directory } from './cni/cache.ts'
import { CniError, ERRORS, type NetworkList } from './cni/spec.ts'

export const OWN = 'boxwright'
const BRIDGE = 'boxwright0'

/** Private ones (RFC 1918) that few others use. */
const SUBNETS = ['10.63.0.0/24', '172.31.63.0/24', '192.168.63.0/24']

// #region own
/** As any administrator could have written it to /etc/cni/net.d. */
const network = (subnet: string): NetworkList => ({
  cniVersion: '1.0.0',
  name: OWN,
  plugins: [
    {
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      isDefaultGateway: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet }]], dataDir: join(directory(), 'leases') },
    },
    { type: 'boxwright-nat', capabilities: { portMappings: true } },
  ],
})
// #endregion own

/** The machine as it was before the first box. */
interface Before {
  subnet: string
  forwarding: string
  interfaces: string[]
}

// #region begin
/** Before a box is attached. Notes what is going to be changed, unless another box has. */
export function beginOwn(): NetworkList {
  const known = recall()
  if (known) return network(known.subnet)
  const before = { subnet: freeSubnet(), forwarding: readFileSync(FORWARDING, 'utf8'), interfaces: names() }
  mkdirSync(directory(), { recursive: true, mode: 0o700 })
  replaceFile(file(), JSON.stringify(before))
  return network(before.subnet)
}

/** When the last box has gone. What somebody else has come to use since is left to them. */
export function endOwn(): void {
  const before = recall()
  if (!before) return
  const all = readLinks()
  const bridge = all.find(({ name }) => name === BRIDGE)
  const inUse = all.some(({ master }) => master !== undefined && master === bridge?.index)
  if (bridge && !inUse && !before.interfaces.includes(BRIDGE)) route(deleteLink(bridge.index))
  const others = names().filter((name) => name !== BRIDGE && !before.interfaces.includes(name))
  if (others.length === 0) writeFileSync(FORWARDING, before.forwarding)
  rmSync(join(directory(), 'leases'), { recursive: true, force: true })
  rmSync(file(), { force: true })
}
// #endregion begin

/** Does this machine carry packets on that are for others? ip(7), ip_forward. The bridge's plugin switches it on. */
const FORWARDING = '/proc/sys/net/ipv4/ip_forward'

const names = (): string[] => readLinks().map(({ name }) => name)

const file = (): string => join(directory(), 'before.json')

const recall = (): Before | undefined =>
  existsSync(file()) ? (JSON.parse(readFileSync(file(), 'utf8')) as Before) : undefined

/** One to which no route of this machine leads. */
function freeSubnet(): string {
  const taken = readRoutes()
    .filter(({ to }) => to !== 'default')
    .map(({ to }) => parseCidr(to))
  const free = SUBNETS.map(parseCidr).find(
    (subnet) => !taken.some((one) => contains(one, subnet.address) || contains(subnet, one.address)),
  )
  if (free) return `${free.address}/${free.prefix}`
  throw new CniError(
    ERRORS.invalidConfiguration,
    `Cannot make a network: this machine has routes to ${SUBNETS.join(', ')}\n  Write one of your own to /etc/cni/net.d and name it: --network NAME`,
  )
}
