/** Signals: who is sent one, and who would hear it. signal(7). */
import { hasCode } from './error-code.ts'
import { fieldIn, statusOf } from './proc.ts'

/** A signal to somebody who may have ended meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

/**
 * `unheard`: a PID 1 that neither catches nor ignores the signal never notices it. `blocked`: nor does that one, yet; it may ask for the signal, sigwait(3).
 * `pending`: the signal has come, and waits to be asked for, or to be lost when it is blocked no more. pid_namespaces(7)
 */
export type Hearing = 'heard' | 'blocked' | 'pending' | 'unheard'

/** Who has ended has nothing to hear. */
export function hearingOf(pid: number, signal: number): Hearing {
  try {
    return hearingIn(statusOf(pid), signal)
  } catch {
    return 'heard'
  }
}

/** @param status as in `/proc/PID/status`. */
export function hearingIn(status: string, signal: number): Hearing {
  const isFirst = fieldIn(status, 'NSpid').split(/\s+/).at(-1) === '1'
  const hasEnded = /^[ZX]/.test(fieldIn(status, 'State'))
  if (!isFirst || hasEnded || hasSignal(status, 'SigCgt', signal) || hasSignal(status, 'SigIgn', signal)) return 'heard'
  if (!hasSignal(status, 'SigBlk', signal)) return 'unheard'
  return hasSignal(status, 'ShdPnd', signal) ? 'pending' : 'blocked'
}

/** Is this signal caught (`SigCgt`), ignored (`SigIgn`), blocked (`SigBlk`), waiting (`ShdPnd`)? Those are bit masks in hexadecimal; signal 1 is bit 0. */
export function hasSignal(status: string, which: 'SigCgt' | 'SigIgn' | 'SigBlk' | 'ShdPnd', signal: number): boolean {
  return ((BigInt(`0x${fieldIn(status, which) || '0'}`) >> BigInt(signal - 1)) & 1n) === 1n
}
