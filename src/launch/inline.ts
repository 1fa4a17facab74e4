/**
 * The launcher of lessons 1–4. The host lane runs in this very process; for the box lane a child is born, in whatever namespaces the
 * host lane has asked for, and it plays the rest and becomes the command.
 */
import { lanes, type Plan, type Step } from '../plan/plan.ts'
import { birth, type Inside } from './birth.ts'
import { refuseHarm } from './harm.ts'
import { StepFailed, type Box, type Launcher, type Result } from './launcher.ts'
import { openLedger } from './ledger.ts'
import { isFine, play } from './play.ts'
import { passSignals } from './signals.ts'

// #region inline
export const inline: Launcher = async (plan, box) => {
  refuseHarm(plan)
  using signals = passSignals()
  using ledger = openLedger(plan, box)
  const results: Result[] = []
  try {
    for (const steps of lanes(plan)) {
      if (steps[0]?.lane === 'host') results.push(...hostLane(steps))
      else
        results.push(
          ...(await (ledger.inside ??= signals.to(birth())).play(steps)),
        )
      const failure = failureOf(plan, results)
      if (failure) throw told(failure, box, ledger.inside)
    }
  } catch (error) {
    if (signals.status === undefined) throw error
    return { status: signals.status, results }
  }
  ledger.inside?.noMore()
  signals.running = true
  box.started?.(ledger.inside?.pid ?? 0)
  const status = await ledger.inside?.ended
  box.ended?.()
  return { status: signals.status ?? status ?? 0, results }
}
// #endregion inline

/** Up to the first step that fails. */
function hostLane(steps: readonly Step[]): Result[] {
  const results: Result[] = []
  for (const step of steps) {
    const result = play(step)
    results.push(result)
    if (!isFine(step, result)) break
  }
  return results
}

function failureOf(
  plan: Plan,
  results: readonly Result[],
): StepFailed | undefined {
  const [step, result] = [plan[results.length - 1], results.at(-1)]
  return step && result && !isFine(step, result)
    ? new StepFailed(step, result.errno, results)
    : undefined
}

/** Whoever wants to know why has to look now: with the walls the process goes too. */
function told(
  failure: StepFailed,
  box: Box,
  inside: Inside | undefined,
): StepFailed {
  box.refused?.(
    failure,
    failure.step.lane === 'box' && inside ? inside.pid : process.pid,
  )
  return failure
}
