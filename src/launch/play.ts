/** Plays steps: looks each call up under its name, makes it, and notes what the kernel said and how long it took. */
import { errnoName, SyscallError } from '../kernel/error.ts'
import { calls } from '../kernel/libc.ts'
import type { Step, Undo } from '../plan/plan.ts'
import type { Result } from './launcher.ts'

// #region play
/** A refusal by the kernel is a result. @throws TypeError of a wrong plan. */
export function play({ call, args }: Step | Undo): Result {
  const start = process.hrtime.bigint()
  const errno = attempt(calls[call] as (...args: unknown[]) => void, args)
  return { errno, nanoseconds: Number(process.hrtime.bigint() - start) }
}
// #endregion play

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
