/** Gives up CAP_SYS_ADMIN, promises nothing, and then asks for a filter: seccomp(2) says EACCES. */
import { compileSeccomp } from '../../../src/box/seccomp-filter.ts'
import { capabilityMask } from '../../../src/kernel/capabilities.ts'
import { chosenCapabilities } from '../../../src/oci/rights.ts'
import { defaultSeccomp } from '../../../src/oci/seccomp-default.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'

const KEPT = Number(capabilityMask(chosenCapabilities()))

export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: () => [
    box('capbset', [KEPT], 'the most'),
    box('capset', [KEPT, KEPT, 0], 'what is left'),
    box(
      'seccomp',
      [0, compileSeccomp(defaultSeccomp([])).toString('hex')],
      'asked first',
    ),
  ],
}
