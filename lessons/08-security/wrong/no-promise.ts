/** Filters first, while it may do anything, and then forgets the promise: a file with the set-user-ID bit still makes root. */
import { compileSeccomp } from '../../../src/box/seccomp-filter.ts'
import { capabilityMask } from '../../../src/kernel/capabilities.ts'
import { chosenCapabilities } from '../../../src/oci/rights.ts'
import { defaultSeccomp } from '../../../src/oci/seccomp-default.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'no-new-privileges'
export const cause = 'set-user-ID'

const KEPT = Number(capabilityMask(chosenCapabilities()))

export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: () => [
    box(
      'seccomp',
      [0, compileSeccomp(defaultSeccomp([])).toString('hex')],
      'asked first',
    ),
    box('capbset', [KEPT], 'the most'),
    box('capset', [KEPT, KEPT, 0], 'what is left'),
  ],
}
