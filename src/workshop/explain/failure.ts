/** A step that failed, in words for people: what was attempted, what is so on this machine, what to do. And kept, to be asked about later. */
import { DiedEarly } from '../../launch/birth.ts'
import { StepFailed } from '../../launch/launcher.ts'
import type { Spec } from '../../oci/spec.ts'
import { symbolic } from '../../plan/symbols.ts'
import { Complaint } from '../complaint.ts'
import { quote, type Fault } from './cause.ts'
import { bestOf, callOf, type Finding } from './explain.ts'

/** @param findings looked for while the process that made the call was still there. */
export function complaintOf(error: unknown, spec: Spec, findings: readonly Finding[]): unknown {
  if (error instanceof DiedEarly) return new Complaint(`${error.message}\n  ${diedBecause(spec)}`, { cause: error })
  if (!(error instanceof StepFailed)) return error
  return error.step.call === 'execvpe' ? cannotExecute(error, findings) : cannotFinish(error, findings)
}

const diedBecause = ({ linux: { resources } }: Spec): string =>
  resources.memory
    ? `Its memory limit of ${resources.memory.limit} bytes may be less than Node needs to build the walls: try 16m or more`
    : 'Something ended it with SIGKILL'

// #region words
function cannotFinish(cause: StepFailed, findings: readonly Finding[]): Complaint {
  const { fact, remedy } = { ...nothingFound(cause), ...bestOf(findings) }
  return new Complaint(
    `Cannot finish the box: ${symbolic(cause.step)} gave ${cause.code}${fact && `: ${fact}`}\n  ${remedy}\n  More: boxwright explain last`,
    { cause },
  )
}

function cannotExecute(cause: StepFailed, findings: readonly Finding[]): Complaint {
  const {
    fact,
    remedy,
    status = 126,
  } = bestOf(findings) ?? { ...nothingFound(cause), fact: `the kernel says ${cause.code}` }
  return new Complaint(`Cannot execute ${quote(String(cause.step.args[0]))}: ${fact}\n  ${remedy}`, { cause, status })
}
// #endregion words

/** What to do: of the best cause that was found. */
export const remedyOf = (failure: StepFailed, findings: readonly Finding[]): string =>
  (bestOf(findings) ?? nothingFound(failure)).remedy

const nothingFound = ({ step }: StepFailed): Fault => ({
  fact: '',
  remedy: `The man page says when that can be: man 2 ${callOf(step.call)}`,
})
