/** What a launcher is: it takes a plan, makes a box of it, and says how it ended. */
import { errnoName, SyscallError } from '../kernel/error.ts'
import type { Plan, Step } from '../plan/plan.ts'

export type Launcher = (plan: Plan, box: Box) => Promise<Outcome>

/** The box as its launcher sees it. */
export interface Box {
  id: string
  rootfs: string
  /** A program that starts the launcher, and its arguments: strace(1), to watch it. */
  under?: readonly string[]
  /** Called when the command is running, with the process's number as the host counts. */
  started?(pid: number): void
  /** Called when the kernel has refused a step, while the process that made the call is still there to be looked at. */
  refused?(failure: StepFailed, pid: number): void
  /** Called when the box has ended, before what it leaves on the host is taken away. */
  ended?(): void
}

export interface Outcome {
  /** The command's exit status; 128 + n when signal n ended it. */
  status: number
  /** One for each step of the plan that was played, in order. */
  results: Result[]
}

export interface Result {
  /** 0 when the kernel did it. */
  errno: number
  nanoseconds: number
}

/** Did the step do its work? */
export const isFine = ({ fine }: Pick<Step, 'fine'>, { errno }: Pick<Result, 'errno'>): boolean =>
  errno === 0 || fine?.includes(errnoName(errno)) === true

// #region failed
/** A step that the kernel refused. The walls that were up by then have been taken down again. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
  readonly step: Step
  readonly code: string
  readonly results: readonly Result[]

  constructor(step: Step, errno: number, results: readonly Result[]) {
    const refusal = new SyscallError(step.call, step.args, errno)
    super(refusal.message, { cause: refusal })
    this.step = step
    this.code = refusal.code
    this.results = results
  }
}
// #endregion failed
