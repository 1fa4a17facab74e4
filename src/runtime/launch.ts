/** A plan, played for a container; and what has gone wrong with it, in words. */
import * as fs from 'node:fs'
import { launched, type Passing, type Watched } from '../launch/launched.ts'
import { StepFailed, type Outcome } from '../launch/launcher.ts'
import { lineOfOne } from '../launch/line.ts'
import type { Plan, Step } from '../plan/plan.ts'
import { answered } from './answered.ts'
import { whyNot } from './explain.ts'
import { inWords } from './words.ts'

/** Something that was to be done for a container was refused. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly step: Step | undefined
  readonly code: string

  constructor(message: string, step?: Step, code = '', options?: ErrorOptions) {
    super(message, options)
    this.step = step
    this.code = code
  }
}

export interface Launching extends Omit<Watched, 'words'> {
  /** A file for what helpers and hooks say. */
  words: string
  /** It is kept for those that are still to come. */
  keepsWords?: boolean
  /** Where the container's root lies on the host. */
  rootfs: string
}

// #region played
/** @throws Failure saying which step was refused, and what was said. */
export async function played(plan: Plan, watched: Launching, signals: Passing): Promise<Outcome> {
  const words = fs.openSync(watched.words, 'w+', 0o600)
  let why: string | undefined
  const refused = async (failure: StepFailed, pid: number): Promise<void> => {
    why = await whyNot(failure, pid, watched.rootfs)
  }
  try {
    const outcome = await launched(plan, { ...watched, words, refused, line: lineOfOne }, signals)
    if (watched.options?.includes('-d') && outcome.status !== 0)
      throw new Failure(
        `Cannot let go of the container: ${said(words) || `its launcher ended with status ${outcome.status}`}`,
      )
    return outcome
  } catch (error) {
    if (error instanceof StepFailed) throw failureOf(error, said(words) || why)
    throw said(words) ? new Failure(said(words), undefined, '', { cause: error }) : error
  } finally {
    fs.closeSync(words)
    if (!watched.keepsWords) fs.rmSync(watched.words, { force: true })
  }
}
// #endregion played

/** Of hooks that speak, the last words. */
const MOST = 4096

function said(file: number): string {
  const length = fs.fstatSync(file).size
  const bytes = Buffer.alloc(Math.min(length, MOST))
  fs.readSync(file, bytes, 0, bytes.length, length - bytes.length)
  return bytes.toString().trim()
}

/** A limit holds from where it is set on, and the box is not done by then. */
const TOO_FEW = 'RLIMIT_NOFILE in process.rlimits is below what it takes to make the container'

const failureOf = (failure: StepFailed, words = ''): Failure => {
  const { step, code } = failure
  const answer = answered(code, commandOf(step))
  const more = [words, code === 'EMFILE' ? TOO_FEW : ''].filter(Boolean).map((line) => `\n  ${line}`)
  return new Failure(`${inWords(step)}: ${answer}${more.join('')}`, step, code, { cause: failure })
}

const commandOf = ({ call, args: [file] }: Step): string | undefined =>
  call === 'execvpe' || call === 'access' ? String(file) : undefined
