/**
 * Lesson 7. A network of its own. A new one has a single interface, and that is down. Whatever leads out of it has to be brought in from outside:
 * network_namespaces(7), rtnetlink(7).
 */
import { CLONE_NEWNET, NETLINK_ROUTE } from '../kernel/constants.ts'
import { linkUp, LOOPBACK } from '../kernel/rtnetlink.ts'
import { networkOf } from '../oci/network.ts'
import { box, BOX, host, type Draft, type Wall } from '../plan/plan.ts'
import { hasOwnNetwork } from './whose.ts'

// #region network
export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: (spec, machine) =>
    hasOwnNetwork(spec)
      ? [
          box('unshare', [CLONE_NEWNET], 'a network of its own, with lo alone'),
          box(
            'netlink',
            [NETLINK_ROUTE, linkUp(LOOPBACK).toString('hex'), 0],
            'and lo is down: set it up',
          ),
          ...wayOut(
            networkOf(spec),
            machine.network.ours ? 'cni' : 'user-mode',
          ),
        ]
      : [],
}
// #endregion network

// #region way-out
/** The host's part is a conversation with other programs, and so Node plays it. */
function wayOut(
  { network, id, ports }: ReturnType<typeof networkOf>,
  what: 'cni' | 'user-mode',
): Draft[] {
  if (network === 'none') return []
  const words = (wish: object): [string, string] => [
    what,
    JSON.stringify({ ...wish, network, id }),
  ]
  const netns = `/proc/${BOX}/ns/net`
  return [
    host('ask', words({ command: 'ADD', netns, ports }), 'a way out of it', {
      undo: { call: 'ask', args: words({ command: 'DEL' }) },
    }),
  ]
}
// #endregion way-out

export { wayOut }
