/** A way out, and no way to itself: nobody has set lo up. */
import { CLONE_NEWNET } from '../../../src/kernel/constants.ts'
import { networkOf } from '../../../src/oci/network.ts'
import { box, BOX, host, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'loopback'
export const cause = 'nobody has set it up'

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
    ]
  },
}
