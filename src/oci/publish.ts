/** Networks, ports and names, as people write them on a command line: the spelling is Docker's. */
import { isIP } from 'node:net'
import type { NetworkWish, PortMapping } from './network.ts'

// #region ports
/** `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]:8080:80`. @throws RangeError naming what was given. */
function parsePublish(text: string): PortMapping {
  const [, hostIP, outer, inner, protocol = 'tcp'] =
    /^(?:(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\]):)?(\d+):(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? []
  const address = hostIP?.replace(/[[\]]/g, '')
  if (!isPort(outer) || !isPort(inner) || (address !== undefined && isIP(address) === 0))
    throw new RangeError(
      `Cannot publish "${text}": it is not a port of this machine, a colon and a port of the box\n  For example: 8080:80, 127.0.0.1:8080:80, 5353:53/udp`,
    )
  return {
    hostPort: Number(outer),
    containerPort: Number(inner),
    protocol,
    ...(address !== undefined && { hostIP: address }),
  }
}
// #endregion ports

const isPort = (text: string | undefined): boolean => Number(text) >= 1 && Number(text) <= 65_535

/** `db:10.1.2.3`. @throws RangeError naming what was given. */
function parseHost(text: string): { address: string; name: string } {
  const [, name = '', address = ''] = /^([A-Za-z0-9_.-]+):(.+)$/.exec(text) ?? []
  if (isIP(address) !== 0) return { address, name }
  throw new RangeError(
    `Cannot add the host "${text}": it is not a name, a colon and an address\n  For example: db:10.1.2.3`,
  )
}

/** @throws RangeError naming what was given. */
function parseNameserver(text: string): string {
  if (isIP(text) !== 0) return text
  throw new RangeError(`Cannot ask "${text}" for names: it is no address\n  For example: 192.0.2.53`)
}

export interface NetworkOptions {
  network?: string | undefined
  publish: string[]
  dns: string[]
  hosts: string[]
}

// #region wish
/** A published port needs a way in, so it asks for the bridge by itself. @throws RangeError of options that contradict each other. */
export function networkWish({ network, publish, dns, hosts }: NetworkOptions): Omit<NetworkWish, 'id'> {
  const wanted = network ?? (publish.length > 0 ? 'bridge' : 'none')
  if (publish.length > 0 && ['none', 'host'].includes(wanted))
    throw new RangeError(
      `Cannot publish "${publish[0] ?? ''}" with the network ${wanted}: ${wanted === 'none' ? 'nothing leads into it' : 'every port of the box is a port of this machine'}\n  Leave one of the two out`,
    )
  return {
    network: wanted,
    ports: publish.map(parsePublish),
    nameservers: dns.map(parseNameserver),
    hosts: hosts.map(parseHost),
  }
}
// #endregion wish
