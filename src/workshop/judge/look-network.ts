/** The network of a box, asked of the kernel by netlink: by this thread, which goes there for a moment. */
import { CLONE_NEWNET } from '../../kernel/constants.ts'
import { readAddresses, readLinks, readRoutes } from '../../kernel/interfaces.ts'
import type { NetworkFacts, Surroundings } from './facts.ts'
import { within } from './within.ts'

export const lookAtNetwork = (pid: number): NetworkFacts => ({
  box: within(pid, 'net', CLONE_NEWNET, surroundings),
  host: surroundings(),
})

const surroundings = (): Surroundings => ({
  links: readLinks(),
  addresses: readAddresses(),
  routes: readRoutes(),
})

export const interfaceNames = (): string[] => readLinks().map(({ name }) => name)
