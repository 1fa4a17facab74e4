/**
 * The launcher of lessons 1–4. The host lane runs in this very process; for the box lane a child is born, in whatever namespaces the
 * host lane has asked for, and it plays the rest and becomes the command.
 */
import { byFfi } from '../kernel/host.ts'
import { lanes, type Plan, type Step } from '../plan/plan.ts'
import { birth, type Inside } from './birth.ts'
import { refuseHarm } from './harm.ts'
import { StepFailed, type Box, type Launcher, type Result } from './launcher.ts'
import { openLedger } from './ledger.ts'
import { isFine } from './launcher.ts'
import { play } from './play.ts'
import { passSignals, type Signals } from './signals.ts'

// #region inline
export const inline: Launcher = (plan, box) =>
  passSignals(async (signals) => {
    refuseHarm(plan)
    using ledger = openLedger(plan, box, byFfi)
    const child = (): Inside => (ledger.inside ??= signals.to(birth()))
    const results: Result[] = []
    for (const steps of lanes(plan)) {
      const isHosts = steps[0]?.lane === 'host'
      results.push(...(isHosts ? here(steps) : await child().play(steps)))
      const failure = failureOf(plan, results)
      if (failure) throw told(failure, box, ledger.inside)
    }
    return { status: await end(box, ledger.inside, signals), results }
  })
// #endregion inline

/** The host lane, up to the first step that fails. */
function here(steps: readonly Step[]): Result[] {
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

/** All walls stand, and the command runs. @returns its exit status. */
async function end(
  box: Box,
  inside: Inside | undefined,
  signals: Signals,
): Promise<number> {
  inside?.noMore()
  signals.running = true
  box.started?.(inside?.pid ?? 0)
  const status = await inside?.ended
  box.ended?.()
  return signals.status ?? status ?? 0
}
