/** Lesson 6. Another user than root, of those that there are in the box: credentials(7). */
import { PR_SET_KEEPCAPS } from '../kernel/constants.ts'
import type { Spec } from '../oci/spec.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'

// #region user
export const user: Wall = {
  name: 'user',
  lesson: 6,
  steps: (spec) => become(spec),
}

/** The user last: whoever is not root may change neither. @param first what has to be so before root is given up. */
export const become = (
  { process: { user }, linux }: Spec,
  first: Draft[] = [],
): Draft[] => {
  const { uid, gid, additionalGids = [] } = user ?? { uid: 0, gid: 0 }
  if (uid === 0 && gid === 0 && additionalGids.length === 0) return []
  return [
    ...first,
    ...(linux.gidMappings.some(({ size }) => size > 1)
      ? [box('setgroups', [additionalGids], 'and the groups that it is in')]
      : []),
    box('setgid', [gid], 'its group'),
    box('setuid', [uid], 'not even root in here'),
  ]
}
/** Without it a change to another user than 0 would take all rights, those that are to be kept as well: capabilities(7). */
export const keepingRights: Draft[] = [
  box('prctl', [PR_SET_KEEPCAPS, 1, 0], 'what is kept is said below'),
]
// #endregion user
