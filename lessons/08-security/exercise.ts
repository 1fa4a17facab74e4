/**
 * Lesson 8, your wall: the last one before the command. What is left of root?
 *
 *   boxwright stage 8 run --wall THIS_FILE sh       to try it: grep Cap /proc/self/status, and then unshare --user sh
 *   boxwright check 8                               to have it judged
 *   boxwright hint                                  when you are stuck
 */
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { capabilityMask } from '../../src/kernel/capabilities.ts'
import type { Seccomp } from '../../src/oci/seccomp.ts'
import { box, type Wall } from '../../src/plan/plan.ts'

/** What is not named is allowed. Is that a good beginning? */
const PROFILE: Seccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }],
}

export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: ({ process }) => {
    const kept = Number(capabilityMask(process.capabilities?.effective ?? []))
    return [
      // TODO 1: This is for the process that calls it. What gets root back at the next execve, and which call takes that away?
      box('capset', [kept, kept, kept], 'what is left of root'),
      // TODO 2: Two of these three sets are right. Which one hands rights on to whatever is started?
      // TODO 3: The next step is refused: seccomp(2) says what has to be promised first. It is one prctl(2).
      // box('seccomp', [0, filter(PROFILE)], 'asked before each call'),
      // TODO 4: unshare --user, in the box, makes root of a new namespace. What should the profile say, and how do you say the rest?
    ]
  },
}

/** A step takes bytes as text. */
export const filter = (profile: Seccomp = PROFILE): string =>
  compileSeccomp(profile).toString('hex')
