/**
 * The launcher from lesson 5 on: `native/launch` plays the plan, both lanes of it, and this process listens. No thread of ours is in any of
 * the box's namespaces, ever.
 */
import type { Plan } from '../plan/plan.ts'
import { addon } from './addon.ts'
import { refuseHarm } from './harm.ts'
import { launched, unheeding, type Passing } from './launched.ts'
import type { Box, Launcher, Outcome } from './launcher.ts'
import { openLedger } from './ledger.ts'
import { passSignals } from './signals.ts'

// #region native
export const native: Launcher = (plan, box) => passSignals((signals) => playBox(plan, box, signals))

/** For a process that stays, and has many boxes at once: signals that reach it are its own. */
export const nativeOfMany: Launcher = (plan, box) => playBox(plan, box, unheeding())

async function playBox(plan: Plan, box: Box, signals: Passing): Promise<Outcome> {
  refuseHarm(plan)
  using ledger = openLedger(plan, box, addon())
  const launching = (pid: number): number => (ledger.launcher = pid)
  const born = (pid: number): number => (ledger.first = pid)
  return await launched(plan, { ...box, launching, born }, signals)
}
// #endregion native
