/** The CNI plugin `host-local`: gives out addresses by keeping a file for each on this host. It does no more; who asked sets them. */
import { join } from 'node:path'
import { networkOf, parseCidr } from '../../kernel/address.ts'
import { CniError, ERRORS, type Result } from '../cni/spec.ts'
import { lease, leasesOf, locked, ownerOf, release, type Lease, type Range } from './leases.ts'
import type { Plugin, Request } from './plugin.ts'

interface Ipam {
  ranges?: Range[][]
  /** One range, in the notation of before there were several. */
  subnet?: string
  routes?: Result['routes']
  dataDir?: string
}

// #region host-local
export const hostLocal: Plugin = {
  add: (request) => {
    const owner = ownerOf(request.containerId, request.ifName)
    const leases = locked(directoryOf(request), () => leaseAll(request, owner))
    const { routes = [] } = ipamOf(request)
    return { cniVersion: request.config.cniVersion, ips: leases, routes }
  },

  del: (request) => {
    const owner = ownerOf(request.containerId, request.ifName)
    locked(directoryOf(request), () => release(directoryOf(request), owner))
  },

  check: (request) => {
    if (leasesOf(directoryOf(request), ownerOf(request.containerId, request.ifName)).length === 0)
      throw new CniError(ERRORS.plugin, `no address is kept for ${request.containerId}`)
  },
}
// #endregion host-local

/** One address of each set of ranges; of none when one set has none left. */
function leaseAll(request: Request, owner: string): Lease[] {
  const [directory, sets] = [directoryOf(request), setsOf(request)]
  return sets.map((set, n) => {
    const found = lease(directory, set, n, owner)
    if (found) return found
    release(directory, owner)
    throw new CniError(ERRORS.plugin, `no address is left in ${set.map(({ subnet }) => subnet).join(', ')}`)
  })
}

const ipamOf = ({ config }: Request): Ipam => (config.ipam ?? {}) as Ipam

function setsOf(request: Request): Range[][] {
  const { ranges = [], subnet, ...rest } = ipamOf(request)
  const sets = subnet === undefined ? ranges : [[{ ...(rest as Partial<Range>), subnet }], ...ranges]
  if (sets.length === 0) throw new CniError(ERRORS.invalidConfiguration, 'ipam has no ranges')
  for (const { subnet: network } of sets.flat()) refuseSmall(network)
  return sets
}

/** A network of one or two addresses has none to give. @throws CniError */
function refuseSmall(subnet: string): void {
  try {
    const { address, prefix } = networkOf(parseCidr(subnet))
    if ((address.includes(':') ? 128 : 32) - prefix >= 2) return
  } catch (error) {
    throw new CniError(ERRORS.invalidConfiguration, (error as Error).message)
  }
  throw new CniError(ERRORS.invalidConfiguration, `${subnet} is too small to give out addresses of`)
}

/** Whatever the network is called, it is a name without a slash: it has been looked at. */
const directoryOf = (request: Request): string =>
  join(ipamOf(request).dataDir ?? '/var/lib/cni/networks', request.config.name)
