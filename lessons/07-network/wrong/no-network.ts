/** The network is the host's still; and in a user namespace /sys, which shows its devices, is then not to be had. */
import type { Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'Ask for a network of its own first'

export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: () => [],
}
