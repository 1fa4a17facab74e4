/** The CNI plugin `loopback`: sets the interface up that every network namespace is born with, and nobody has set up. */
import { readLinks } from '../../kernel/interfaces.ts'
import { route } from '../../kernel/netlink-socket.ts'
import { LOOPBACK, linkUp } from '../../kernel/rtnetlink.ts'
import { CniError, ERRORS } from '../cni/spec.ts'
import { addressesOf, inside } from './namespace.ts'
import type { Plugin } from './plugin.ts'

export const loopback: Plugin = {
  add: ({ netns, config: { cniVersion, prevResult } }) => {
    const lo = inside(netns, () => {
      route(linkUp(LOOPBACK))
      return { name: 'lo', mac: '00:00:00:00:00:00', sandbox: netns }
    })
    return prevResult ?? { cniVersion, interfaces: [lo], ips: inside(netns, loopbackAddresses) }
  },

  /** It goes with its namespace. */
  del: () => {},

  check: ({ netns }) => {
    if (!inside(netns, () => readLinks().some(({ index, up }) => index === LOOPBACK && up)))
      throw new CniError(ERRORS.plugin, 'lo is down')
  },
}

const loopbackAddresses = (): { address: string; interface: number }[] =>
  readLinks()
    .filter(({ index }) => index === LOOPBACK)
    .flatMap(addressesOf)
    .map((address) => ({ address, interface: 0 }))
