/** The network that we are in ourselves: whether it is ours to change, and where it is asked for names. */
import { SyscallError } from './error.ts'
import { route } from './netlink-socket.ts'
import { readResolver } from './resolver.ts'
import { deleteLink } from './rtnetlink.ts'

export interface Network {
  /** Have we the right to make interfaces in it? As root of a user namespace, only when the network belongs to that one. */
  ours: boolean
  /** Lines of resolv.conf(5) that a box with a network of its own can use, too. */
  resolver: string[]
}

export const readNetwork = (): Network => ({ ours: isOurs(), resolver: readResolver() })

/** Asks for something that cannot be: who may not ask is told so first. rtnetlink(7): EPERM. */
function isOurs(): boolean {
  try {
    route(deleteLink(0))
    return true
  } catch (error) {
    if (error instanceof SyscallError) return error.code !== 'EPERM'
    throw error
  }
}
