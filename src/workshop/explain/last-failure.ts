/** The last failed step of this user's last run, kept for `boxwright explain last`. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../kernel/error-code.ts'
import { replaceFile } from '../../kernel/file.ts'
import type { StepFailed } from '../../launch/launcher.ts'
import { runDirectory } from '../../launch/ledger.ts'
import { symbolic } from '../../plan/symbols.ts'
import type { Finding } from './explain.ts'

export interface Failure {
  /** The call, as its man page writes it. */
  text: string
  call: string
  args: readonly unknown[]
  code: string
  rootfs: string
  time: string
  /** As they were at that moment, in the namespaces of the process that made the call. */
  findings: readonly Finding[]
}

const path = (): string => join(runDirectory(), 'last-failure')

// #region keep
/** Where nothing can be written nothing is kept: the failure has been told of anyway. */
export function keepFailure({ step, code }: StepFailed, rootfs: string, findings: readonly Finding[]): void {
  const { call, args } = step
  const failure: Failure = { text: symbolic(step), call, args, code, rootfs, time: new Date().toISOString(), findings }
  try {
    mkdirSync(runDirectory(), { recursive: true, mode: 0o700 })
    replaceFile(path(), JSON.stringify(failure))
  } catch {
    return
  }
}
// #endregion keep

/** @returns nothing when no run has failed since the machine was started. @throws Error when the record is damaged. */
export function lastFailure(): Failure | undefined {
  try {
    return JSON.parse(readFileSync(path(), 'utf8')) as Failure
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw new Error(
      `Cannot read "${path()}", the record of the last failure: ${(error as Error).message}\n  Delete the file`,
      {
        cause: error,
      },
    )
  }
}
