/** What a plan must not lack. Leaving a line out is how a lesson is learnt; left without these lines, a plan would rebuild the machine itself. */
import { CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUTS } from '../kernel/constants.ts'
import type { CallName } from '../plan/calls.ts'
import type { Plan } from '../plan/plan.ts'
import { symbolic } from '../plan/symbols.ts'

/** These change what all processes of a namespace see: in a namespace of the box's own, the box; in the host's, everything. */
const CHANGES: Partial<Record<CallName, { flag: number; what: string }>> = {
  mount: { flag: CLONE_NEWNS, what: 'mounts' },
  umount2: { flag: CLONE_NEWNS, what: 'mounts' },
  pivot_root: { flag: CLONE_NEWNS, what: 'mounts' },
  move_mount: { flag: CLONE_NEWNS, what: 'mounts' },
  bind_fd: { flag: CLONE_NEWNS, what: 'mounts' },
  netlink: { flag: CLONE_NEWNET, what: 'network' },
  ask: { flag: CLONE_NEWNET, what: 'network' },
  setdomainname: { flag: CLONE_NEWUTS, what: 'name' },
  sethostname: { flag: CLONE_NEWUTS, what: 'name' },
}

// #region harm
/** Looks through a plan before anything of it is played. @throws Error naming the first step that would change the host's own view. */
export function refuseHarm(plan: Plan): void {
  let own = 0
  for (const step of plan) {
    if (step.call === 'unshare') own |= step.args[0]
    if (step.call === 'setns') own |= step.args[1]
    const { flag, what } = CHANGES[step.call] ?? { flag: 0, what: '' }
    if ((own & flag) !== flag)
      throw new Error(
        `Cannot play ${symbolic(step)}: no unshare comes before it, so it would change the ${what} of your machine itself\n  Unshare first, or leave this step out as well`,
      )
  }
}
// #endregion harm
