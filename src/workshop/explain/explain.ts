/** From a call that failed to the precondition that is false: every cause that gives this error to this call is looked at, here and now. */
import type { StepFailed } from '../../launch/launcher.ts'
import type { Attempt, Call, Cause, Fault } from './cause.ts'
import { causes } from './causes.ts'
import type { Scene } from './scene.ts'

/** One precondition, and whether it is so. */
export interface Finding extends Pick<Cause, 'name' | 'precondition' | 'man'> {
  call: Call
  verdict: 'false' | 'so' | 'unknown'
  fault?: Fault
}

// #region explain
/** @param code leave it out to look at all preconditions of the call. @returns what is false first. */
export function explain(attempt: Attempt, code?: string): Finding[] {
  const candidates = causes.filter(
    ({ calls, codes }) => calls.includes(attempt.call) && (!code || codes.includes(code)),
  )
  const findings = candidates.flatMap((cause) => check(cause, attempt))
  return (['false', 'unknown', 'so'] as const).flatMap((one) => findings.filter(({ verdict }) => verdict === one))
}

function check(cause: Cause, attempt: Attempt): Finding[] {
  const { name, precondition, man } = cause
  const verdict = attempt.args.length < (cause.args ?? 0) ? 'unknown' : probe(cause, attempt)
  const finding = { name, precondition, man, call: attempt.call }
  if (verdict === 'apart') return []
  return [typeof verdict === 'string' ? { ...finding, verdict } : { ...finding, verdict: 'false', fault: verdict }]
}
// #endregion explain

/** An explanation must never hide what it explains: what cannot be looked at is not known. */
function probe(cause: Cause, attempt: Attempt): ReturnType<Cause['probe']> {
  try {
    return cause.probe(attempt)
  } catch {
    return 'unknown'
  }
}

/** A plan's step is made under the name of a function of the C library where that makes several calls. */
export const explainStep = ({ step, code }: StepFailed, scene: Scene): Finding[] =>
  explain({ call: callOf(step.call), args: step.args, scene }, code)

export const callOf = (name: string): Call => (({ execvpe: 'execve', remove_cgroup: 'rmdir' })[name] ?? name) as Call

/** The best there is: the first precondition that is false. */
export const bestOf = (findings: readonly Finding[]): Fault | undefined => findings.find(({ fault }) => fault)?.fault
