/**
 * Lesson 8. What is left of root. Capabilities are taken away, the way back is closed, and a filter is put between the box and the kernel. It is the
 * last thing before the command, since nobody could build a wall after it.
 */
import {
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_RAISE,
  PR_SET_NO_NEW_PRIVS,
} from '../kernel/constants.ts'
import {
  CAPABILITIES,
  capabilityMask,
  capabilityNames,
  type Capability,
} from '../kernel/capabilities.ts'
import { FLAGS, type Seccomp } from '../oci/seccomp.ts'
import { capabilitySets } from '../oci/rights.ts'
import type { Capabilities, Spec } from '../oci/spec.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'
import { landlock } from './landlock.ts'
import { compileSeccomp } from './seccomp-filter.ts'
import { become, keepingRights } from './user.ts'

// #region rights
export const rights: Wall = {
  name: 'rights',
  lesson: 8,
  steps: (spec, { security }) => {
    const { process, linux } = spec
    const { capabilities = capabilitySets([]), noNewPrivileges } = process
    const walls = [
      ...landlock(security.landlock, capabilities.bounding),
      ...(linux.seccomp ? [filter(linux.seccomp)] : []),
    ]
    // For who can gain nothing by it, or may do anything yet: seccomp(2).
    return noNewPrivileges
      ? [...dropped(capabilities, spec), closed, ...walls]
      : [...walls, ...dropped(capabilities, spec)]
  },
}
// #endregion rights

// #region capabilities
/** First the bounding set, beyond which no execve(2) gives anything; dropping from it takes a capability itself. */
const dropped = (sets: Capabilities, spec: Spec): Draft[] => [
  box('capbset', [mask(sets.bounding)], 'the most that a program can ever get'),
  ...become(spec, keepingRights),
  ...left(sets),
]

export const left = ({
  effective,
  permitted,
  inheritable,
  ambient,
}: Omit<Capabilities, 'bounding'>): Draft[] => [
  box(
    'capset',
    [mask(effective), mask(permitted), mask(inheritable)],
    'what is left of root',
  ),
  ...capabilityNames(capabilityMask(ambient)).map((name) =>
    box(
      'prctl',
      [PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAPABILITIES.indexOf(name)],
      `kept without being root: ${name}`,
    ),
  ),
]

export const mask = (names: readonly Capability[]): number =>
  Number(capabilityMask(names))
// #endregion capabilities

// #region closed
export const closed = box(
  'prctl',
  [PR_SET_NO_NEW_PRIVS, 1, 0],
  'and no program gives back any of it',
)
// #endregion closed

// #region filter
const filter = (profile: Seccomp): Draft =>
  box(
    'seccomp',
    [flagsOf(profile), compiled(profile)],
    'asked before each system call, from now on',
  )
// #endregion filter

/** A process that makes many boxes compiles a profile once: it takes longer than the rest of the plan. */
function compiled(profile: Seccomp): string {
  const filter = FILTERS.get(profile) ?? compileSeccomp(profile).toString('hex')
  FILTERS.set(profile, filter)
  return filter
}

const FILTERS = new WeakMap<Seccomp, string>()

const flagsOf = ({ flags = [] }: Seccomp): number =>
  flags.reduce((all, flag) => all | FLAGS[flag], 0)
