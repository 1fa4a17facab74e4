/** Signals: who is sent one, and who would hear it. signal(7). */
import { hasCode } from './error-code.ts'
import { handlesSignal, pidsOf } from './proc.ts'

/** A signal to somebody who may have ended meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

/** Is this process a PID 1 that neither catches nor ignores the signal? One that blocks it asks for it in another way: signalfd(2). */
export function isUnheard(pid: number, signal: number): boolean {
  try {
    return (
      pidsOf(pid).at(-1) === 1 &&
      (['SigCgt', 'SigIgn', 'SigBlk'] as const).every((which) => !handlesSignal(pid, which, signal))
    )
  } catch {
    return false // it has just ended
  }
}
