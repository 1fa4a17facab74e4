/**
 * What a box's network is to be. The OCI's runtime specification has a namespace for it and no more: the rest is up to whoever calls the runtime. Its
 * place for that is an annotation (runtime-spec config.md §Annotations), and this is what is in ours.
 */
import type { Spec } from './spec.ts'

export interface NetworkWish {
  /** `none`: its own loopback and no more. `bridge`: Boxwright's own network. Another name: of a CNI network of this machine. `host`: the host's. */
  network: string
  /** The box's name. */
  id: string
  ports: PortMapping[]
  nameservers: string[]
  hosts: { address: string; name: string }[]
}

/** A port of the host's that leads to one of the box's: CNI CONVENTIONS.md, portMappings. */
export interface PortMapping {
  hostPort: number
  containerPort: number
  protocol?: string
  hostIP?: string
}

/** hosts(5), of a box with a network of its own. */
export const hostsLines = (hostname: string, hosts: NetworkWish['hosts']): string[] => [
  '127.0.0.1 localhost',
  '::1 localhost ip6-localhost',
  `127.0.1.1 ${hostname}`,
  ...hosts.map(hostsLine),
]

export const hostsLine = ({ address, name }: NetworkWish['hosts'][number]): string => `${address} ${name}`

/** resolv.conf(5). */
export const nameserverLine = (address: string): string => `nameserver ${address}`

export const NETWORK = 'boxwright.network'

export const networkOf = ({ annotations }: Spec): NetworkWish => ({
  network: 'none',
  id: '',
  ports: [],
  nameservers: [],
  hosts: [],
  ...(JSON.parse(annotations[NETWORK] ?? '{}') as Partial<NetworkWish>),
})
