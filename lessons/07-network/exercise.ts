/**
 * Lesson 7, your wall: a network of the box's own, and a way out of it.
 *
 *   boxwright stage 7 run --wall THIS_FILE --network bridge sh    to try it: ip addr, ip route, or cat /proc/net/dev
 *   boxwright check 7                                             to have it judged
 *   boxwright hint                                                when you are stuck
 */
import { CLONE_NEWIPC } from '../../src/kernel/constants.ts'
import { networkOf } from '../../src/oci/network.ts'
import { box, type Wall } from '../../src/plan/plan.ts'

export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: (spec) => {
    const { network, id } = networkOf(spec)
    return [
      // TODO 1: This is another kind. Which flag gives the box a network of its own? network_namespaces(7) and unshare(2) have it.
      box('unshare', [CLONE_NEWIPC], `a network of its own, for ${id}`),
      // TODO 2: In there is one interface, and it is down. Set it up: a netlink step (src/plan/calls.ts), linkUp() of src/kernel/rtnetlink.ts.
      // TODO 3: And a way out, when `network` is not "none": the host asks the CNI plugins, as src/box/network.ts shows. Without its undo, what is left?
      ...(network === 'none' ? [] : []),
    ]
  },
}
