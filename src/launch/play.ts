/** Plays steps: looks each call up under its name, makes it, and notes what the kernel said and how long it took. */
import { errnoName, SyscallError } from '../kernel/error.ts'
import { calls } from '../kernel/libc.ts'
import type { Step, Undo } from '../plan/plan.ts'
import { playerOf } from './ask.ts'
import type { Result } from './launcher.ts'

// #region play
/** A refusal by the kernel is a result. @throws TypeError of a wrong plan. */
export function play({ call, args }: Step | Undo): Result {
  const start = process.hrtime.bigint()
  const errno = attempt(callNamed(call), args)
  return { errno, nanoseconds: Number(process.hrtime.bigint() - start) }
}
// #endregion play

function callNamed(name: string): (...args: unknown[]) => void {
  if (name in calls) return calls[name as keyof typeof calls] as never
  throw new TypeError(
    `Cannot play ${name}: the inline launcher does not know it; native/launch does`,
  )
}

/** Takes away again what a step has left on the host. */
export function undo(step: Undo): Result {
  if (step.call !== 'ask') return play(step)
  const [what, json] = step.args
  return { errno: playerOf(what).undo(json), nanoseconds: 0 }
}

/** Did the step do its work? */
export const isFine = (
  { fine }: Pick<Step, 'fine'>,
  { errno }: Result,
): boolean => errno === 0 || fine?.includes(errnoName(errno)) === true

function attempt(
  call: (...args: unknown[]) => void,
  args: readonly unknown[],
): number {
  try {
    call(...args)
    return 0
  } catch (error) {
    if (error instanceof SyscallError) return -error.errno
    throw error
  }
}
