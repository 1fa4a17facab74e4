/** The same list for all three sets, as container runtimes had it until 2022: CVE-2022-24769. */
import { compileSeccomp } from '../../../src/box/seccomp-filter.ts'
import { capabilityMask } from '../../../src/kernel/capabilities.ts'
import { PR_SET_NO_NEW_PRIVS } from '../../../src/kernel/constants.ts'
import { chosenCapabilities } from '../../../src/oci/rights.ts'
import { defaultSeccomp } from '../../../src/oci/seccomp-default.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'inheritable'
export const cause = 'CVE-2022-24769'

const KEPT = Number(capabilityMask(chosenCapabilities()))

export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: () => [
    box('capbset', [KEPT], 'the most'),
    box('capset', [KEPT, KEPT, KEPT], 'all alike'),
    box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], 'no new ones'),
    box(
      'seccomp',
      [0, compileSeccomp(defaultSeccomp([])).toString('hex')],
      'asked first',
    ),
  ],
}
