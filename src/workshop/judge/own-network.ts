/** A network namespace of our own: bridges, addresses and rules that a program makes are made there, and are gone when we are. */
import { CLONE_NEWNET } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { route } from '../../kernel/netlink-socket.ts'
import { linkUp, LOOPBACK } from '../../kernel/rtnetlink.ts'

export function enterOwnNetwork(): void {
  calls.unshare(CLONE_NEWNET)
  route(linkUp(LOOPBACK))
}
