/** A list of what is forbidden is never complete: mount is on it, and unshare is not. */
import { compileSeccomp } from '../../../src/box/seccomp-filter.ts'
import { capabilityMask } from '../../../src/kernel/capabilities.ts'
import { PR_SET_NO_NEW_PRIVS } from '../../../src/kernel/constants.ts'
import { chosenCapabilities } from '../../../src/oci/rights.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'user-namespace'
export const cause = 'lets unshare through'

const KEPT = Number(capabilityMask(chosenCapabilities()))

const filter = compileSeccomp({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    { names: ['mount', 'umount2', 'keyctl'], action: 'SCMP_ACT_ERRNO' },
  ],
})

export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: () => [
    box('capbset', [KEPT], 'the most'),
    box('capset', [KEPT, KEPT, 0], 'what is left'),
    box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], 'no new ones'),
    box('seccomp', [0, filter.toString('hex')], 'not these'),
  ],
}
