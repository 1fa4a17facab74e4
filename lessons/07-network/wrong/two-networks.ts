/** Another network of its own, after the cable was put into the first. */
import { CLONE_NEWNET, NETLINK_ROUTE } from '../../../src/kernel/constants.ts'
import { linkUp, LOOPBACK } from '../../../src/kernel/rtnetlink.ts'
import { networkOf } from '../../../src/oci/network.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'way-out'
export const cause = 'names the namespace'

export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: (spec) => {
    const { network, id } = networkOf(spec)
    const ask = (wish: object): [string, string] => [
      'cni',
      JSON.stringify({ ...wish, network, id }),
    ]
    const netns = `/proc/${BOX}/ns/net`
    return [
      box('unshare', [CLONE_NEWNET], 'a network'),
      host('ask', ask({ command: 'ADD', netns }), 'a way out', {
        undo: { call: 'ask', args: ask({ command: 'DEL' }) },
      }),
      box('unshare', [CLONE_NEWNET], 'a network'),
      box('netlink', [NETLINK_ROUTE, linkUp(LOOPBACK).toString('hex'), 0], ''),
    ]
  },
}
