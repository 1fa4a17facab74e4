/**
 * An attack: something that a process in the box does to the host, with a harmless token of ours as its victim. Whether it got there is
 * read from the token, outside; what the attack prints counts for nothing.
 */
import type { Draft } from '../../plan/plan.ts'
import { runStage } from '../run-stage.ts'
import type { Stage } from '../stage.ts'

export interface Attack {
  name: string
  story: string
  /** The lesson whose wall closes it. */
  closedBy: number
  /** Puts the token up. Disposing of the attempt takes it away again. */
  attempt(rootfs: string): Attempt
}

export interface Attempt extends Disposable {
  /** System calls of the attacker, made in the box once all walls are up. An attack, too, is a list of system calls. */
  steps?: Draft[]
  /** The command that it then becomes. */
  args: string[]
  /** Looks from outside while the box runs. */
  watch?(pid: number): void
  /** Did it get there? */
  succeeded(): boolean | Promise<boolean>
}

export type Verdict = 'open' | 'closed'

// #region attack
/** Runs the attack against a stage, with the limits that a careful host would set where the stage has limits. */
export async function runAttack(
  attack: Attack,
  stage: Stage,
  rootfs: string,
): Promise<Verdict> {
  using attempt = attack.attempt(rootfs)
  const resources =
    stage.lesson < 4
      ? {}
      : { memory: { limit: 64n << 20n }, pids: { limit: 32n } }
  await runStage(stage, {
    rootfs,
    args: attempt.args,
    resources,
    change: (steps) => [
      ...steps.slice(0, -1),
      ...attackerSteps(attempt, stage),
      ...steps.slice(-1),
    ],
    started: (pid) => attempt.watch?.(pid),
    quiet: true,
  })
  return (await attempt.succeeded()) ? 'open' : 'closed'
}
// #endregion attack

const attackerSteps = ({ steps = [] }: Attempt, { lesson }: Stage) =>
  steps.map((step) => ({ ...step, lesson }) as never)
