/** Plays steps: looks each call up under its name, makes it, and notes what the kernel said and how long it took. */
import { attempt } from '../kernel/calls-of-node.ts'
import { calls } from '../kernel/libc.ts'
import type { Step } from '../plan/plan.ts'
import type { Result } from './launcher.ts'

// #region play
/** A refusal by the kernel is a result. @throws TypeError of a wrong plan. */
export function play({ call, args }: Step): Result {
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
