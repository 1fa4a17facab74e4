/** Attached, and never detached. */
import { CLONE_NEWNET, NETLINK_ROUTE } from '../../../src/kernel/constants.ts'
import { linkUp, LOOPBACK } from '../../../src/kernel/rtnetlink.ts'
import { networkOf } from '../../../src/oci/network.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'detached'
export const cause = 'DEL takes away'

export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: (spec) => {
    const { network, id } = networkOf(spec)
    const netns = `/proc/${BOX}/ns/net`
    const add = JSON.stringify({ command: 'ADD', network, id, netns })
    return [
      box('unshare', [CLONE_NEWNET], 'a network'),
      box('netlink', [NETLINK_ROUTE, linkUp(LOOPBACK).toString('hex'), 0], ''),
      host('ask', ['cni', add], 'a way out'),
    ]
  },
}
