/**
 * Lesson 13. Who the command is, and what is left to it of root's rights. Lesson 8 had a box of our own to take rights from; here somebody has written
 * down what is to be left, in five sets: what our machine does not have itself is left out, and sets that contradict each other are an error before
 * there is a container.
 */
import {
  capabilityMask,
  capabilityNames,
  type Capability,
} from '../../kernel/capabilities.ts'
import type { Self } from '../../kernel/self.ts'
import { capabilitySets } from '../../oci/rights.ts'
import { NotAConfig } from '../../oci/rule.ts'
import type { Capabilities, Spec, User } from '../../oci/spec.ts'
import { box, type Draft, type Wall } from '../../plan/plan.ts'
import { closed, left, mask } from '../rights.ts'
import { keepingRights } from '../user.ts'
import { hasOwnUsers } from '../whose.ts'
import { filters } from './seccomp.ts'

// #region rights
export const containerRights = ({ self }: { self: Self }): Wall => ({
  name: 'container-rights',
  lesson: 13,
  steps: (spec) => {
    const { noNewPrivileges, capabilities, user } = spec.process
    const sets = given(capabilities ?? capabilitySets([]), spec, self)
    refuse(sets)
    return [
      // For who can gain nothing by it, or may do anything yet: seccomp(2).
      ...(noNewPrivileges ? [] : filters(spec)),
      box('capbset', [mask(sets.bounding)], 'the most that it can ever get'),
      ...becomes(spec, self),
      ...left(sets),
      ...(noNewPrivileges ? [closed] : []),
      box('umask', [user?.umask ?? 0o022], 'modes that its files have not'),
    ]
  },
})

/** Of a process that can gain nothing: after everything else, and after it there is one call. */
export const lastFilter: Wall = {
  name: 'last-filter',
  lesson: 13,
  steps: (spec) => (spec.process.noNewPrivileges ? filters(spec) : []),
}
// #endregion rights

// #region user
/** The user last: whoever is not root may change neither. Groups of whoever called us are none of the container's. */
function becomes(spec: Spec, self: Self): Draft[] {
  const { uid, gid, additionalGids = [] } = spec.process.user ?? ROOT
  return [
    ...(uid === 0 ? [] : keepingRights),
    ...groups(spec, self, additionalGids),
    box('setgid', [gid], 'its group'),
    box('setuid', [uid], uid === 0 ? 'root' : 'its user'),
  ]
}

const ROOT: User = { uid: 0, gid: 0 }

function groups(spec: Spec, self: Self, gids: readonly number[]): Draft[] {
  if (mayChangeGroups(spec, self))
    return [
      box('setgroups', [gids], 'the groups that it is in', {
        ...(isJoined(spec) && gids.length === 0 && { fine: ['EPERM'] }),
      }),
    ]
  if (gids.length === 0) return []
  throw new NotAConfig(
    'process.user.additionalGids',
    `is [${gids.join(', ')}], and in a user namespace with one group of its own nobody may change groups`,
    'Leave it out, or have more groups mapped: linux.gidMappings, subgid(5)',
  )
}
// #endregion user

const usersOf = ({ linux }: Spec) =>
  linux.namespaces.find(({ type }) => type === 'user')

const isJoined = (spec: Spec): boolean => usersOf(spec)?.path !== undefined

/** user_namespaces(7): whoever may map nothing but themselves has to say first that groups stay as they are. */
function mayChangeGroups(spec: Spec, self: Self): boolean {
  if (!hasOwnUsers(spec)) return self.mayChangeGroups
  const [first, ...more] = spec.linux.gidMappings
  const isAlone = more.length === 0 && first?.size === 1
  return !isAlone || isJoined(spec) || may(self, 'CAP_SYS_ADMIN')
}

export const may = ({ effective }: Self, name: Capability): boolean =>
  (effective & capabilityMask([name])) !== 0n

// #region given
/** config.md §linux-process: a capability that nobody can give is no error. In a user namespace of its own it has all: capabilities(7). */
function given(sets: Capabilities, spec: Spec, self: Self): Capabilities {
  const without = missing(sets, spec, self)
  const had = (set: readonly Capability[]) =>
    set.filter((name) => !without.includes(name))
  return {
    bounding: had(sets.bounding),
    effective: had(sets.effective),
    permitted: had(sets.permitted),
    inheritable: had(sets.inheritable),
    ambient: had(sets.ambient),
  }
}

/** @returns what is to be warned of, a line for each: who asks for a right and does not get it wants to know. */
export const withheld = (spec: Spec, self: Self): string[] =>
  missing(spec.process.capabilities ?? capabilitySets([]), spec, self).map(
    (name) =>
      `process.capabilities has ${name} in it, and the container goes without: whoever makes it does not have it, it is not in our own bounding set (grep Cap /proc/self/status)`,
  )

function missing(sets: Capabilities, spec: Spec, self: Self): Capability[] {
  if (hasOwnUsers(spec)) return []
  const asked = capabilityMask(Object.values(sets).flat())
  return capabilityNames(asked & ~self.bounding)
}
// #endregion given

// #region refuse
function refuse(sets: Capabilities): void {
  const beyond = outside(sets.effective, sets.permitted)
  if (beyond !== undefined)
    throw new NotAConfig(
      'process.capabilities.effective',
      `has ${beyond} in it, and permitted does not: nothing is in force that is not permitted`,
      `Add ${beyond} to process.capabilities.permitted`,
    )
  const unbound = outside(sets.inheritable, sets.bounding)
  if (unbound !== undefined)
    throw new NotAConfig(
      'process.capabilities.inheritable',
      `has ${unbound} in it, and bounding does not: beyond that nothing is inherited`,
      `Add ${unbound} to process.capabilities.bounding`,
    )
}
// #endregion refuse

const outside = (
  set: readonly Capability[],
  most: readonly Capability[],
): Capability | undefined => set.find((name) => !most.includes(name))
