/** The JSON of a step `ask`: what a box wants of a network. */
import type { PortMapping } from '../oci/network.ts'

export interface Wish {
  command: 'ADD' | 'DEL'
  /** `bridge` is Boxwright's own network; any other name is looked for in /etc/cni/net.d. */
  network: string
  id: string
  netns?: string
  ports?: readonly PortMapping[]
}
