/** The network of a box, asked of the kernel by netlink: by this thread, which goes there for a moment. */
import { CLONE_NEWNET } from '../../kernel/constants.ts'
import { route } from '../../kernel/netlink-socket.ts'
import * as rtnetlink from '../../kernel/rtnetlink.ts'
import type { NetworkFacts, Surroundings } from './facts.ts'
import { within } from './within.ts'

export const lookAtNetwork = (pid: number): NetworkFacts => ({
  box: within(pid, 'net', CLONE_NEWNET, surroundings),
  host: surroundings(),
})

const surroundings = (): Surroundings => ({
  links: route(rtnetlink.getLinks()).flatMap(rtnetlink.parseLink),
  addresses: route(rtnetlink.getAddresses()).flatMap(rtnetlink.parseAddress),
  routes: route(rtnetlink.getRoutes()).flatMap(rtnetlink.parseRoute),
})

export const interfaceNames = (): string[] => surroundings().links.map(({ name }) => name)
