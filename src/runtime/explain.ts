/** Why a step was refused, in words. It takes knowledge that no container needs until then, so whoever has it says so, and is asked. */
import type { StepFailed } from '../launch/launcher.ts'

/** @param pid whose call it was: it is there still. @returns what is so, and what to do about it; nothing when that is not known. */
export type Explain = (failure: StepFailed, pid: number, rootfs: string) => Promise<string | undefined>

let explain: Explain | undefined

// #region explain
export function explainBy(one: Explain): void {
  explain = one
}

/** An explanation never hides what it explains. */
export async function whyNot(failure: StepFailed, pid: number, rootfs = ''): Promise<string | undefined> {
  try {
    return await explain?.(failure, pid, rootfs)
  } catch {
    return undefined
  }
}
// #endregion explain
