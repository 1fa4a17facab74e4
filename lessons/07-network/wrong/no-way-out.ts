/** A room without a door. */
import { CLONE_NEWNET, NETLINK_ROUTE } from '../../../src/kernel/constants.ts'
import { linkUp, LOOPBACK } from '../../../src/kernel/rtnetlink.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'way-out'
export const cause = 'namespace'

export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: () => [
    box('unshare', [CLONE_NEWNET], 'a network'),
    box('netlink', [NETLINK_ROUTE, linkUp(LOOPBACK).toString('hex'), 0], 'up'),
  ],
}
