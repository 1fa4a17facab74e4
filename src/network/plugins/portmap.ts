/** The CNI plugin `portmap`: a port of this host leads to one of the box's. It comes after the plugin that has given the box its address. */
import { writeFileSync } from 'node:fs'
import { PROTOCOLS } from '../../kernel/nftables.ts'
import { CniError, ERRORS, type Result } from '../cni/spec.ts'
import type { PortMapping } from '../../oci/network.ts'
import { stopTranslating, translate } from './nat.ts'
import type { Plugin, Request } from './plugin.ts'

// #region portmap
/** @param masquerade of what the box sends elsewhere, too: what `bridge` calls ipMasq. */
const mapping = (masquerade: boolean): Plugin => ({
  add: (request) => {
    const previous = previousOf(request)
    const ports = portsOf(request)
    const bridge = previous.interfaces?.find(({ sandbox }) => !sandbox)?.name ?? ''
    if (ports.length > 0 || masquerade) {
      const addresses = (previous.ips ?? []).map(({ address }) => address)
      if (ports.length > 0 && bridge) writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1')
      translate({ name: tableOf(request), addresses, masquerade, ports, bridge })
    }
    return previous
  },

  del: (request) => stopTranslating(tableOf(request)),

  check: (request) => void previousOf(request),
})

export const portmap = mapping(false)
export const nat = mapping(true)
// #endregion portmap

function previousOf({ config: { prevResult } }: Request): Result {
  if (prevResult) return prevResult
  throw new CniError(
    ERRORS.invalidConfiguration,
    'it must come after a plugin that gives an address: there is no prevResult',
  )
}

function portsOf({ config }: Request): PortMapping[] {
  const { portMappings = [] } = (config['runtimeConfig'] ?? {}) as { portMappings?: PortMapping[] }
  for (const { hostPort, containerPort, protocol = 'tcp' } of portMappings) {
    if (![hostPort, containerPort].every((port) => Number.isInteger(port) && port > 0 && port < 65_536))
      throw new CniError(ERRORS.invalidConfiguration, `${hostPort}:${containerPort} are not two ports`)
    if (!(protocol in PROTOCOLS))
      throw new CniError(ERRORS.invalidConfiguration, `"${protocol}" is none of ${Object.keys(PROTOCOLS).join(', ')}`)
  }
  return portMappings
}

const tableOf = ({ containerId, ifName }: Request): string => `boxwright-${containerId}-${ifName}`
