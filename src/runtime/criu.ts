/**
 * CRIU, a program of others: it writes what processes are to files, and makes them again from those. It is driven by its command line, criu(8), and says
 * in a log what it has found.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../kernel/error-code.ts'

/** For `checkpoint` and `restore`. */
export interface Imaging {
  /** The program. */
  criu: string
  /** Where the images are, or are to be. */
  images: string
  /** Where its log goes; without, to the images. */
  work?: string
  /** What is left to it, in its own words. */
  words: readonly string[]
}

export interface Asked extends Imaging {
  act: 'dump' | 'pre-dump' | 'restore'
  /** Descriptors of ours by the numbers under which it is to have them, from 3 on. */
  descriptors?: Readonly<Record<number, number>>
  /** Programs that start it. */
  under?: readonly string[]
}

// #region criu
/** @throws Error saying what has kept it: its last words, or that there is none, or that this kernel is not for it. */
export async function runCriu({ criu, images, work = images, act, words, under = [], ...asked }: Asked): Promise<void> {
  requireCriu(criu)
  fs.mkdirSync(work, { recursive: true, mode: 0o700 })
  const log = join(work, `${act}.log`)
  const place = ['--images-dir', images, '--work-dir', work, '--log-file', `${act}.log`, '-v4']
  const [program = '', ...args] = [...under, criu, act, ...place, ...words]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', ...behind(asked.descriptors)] })
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (status === 0) return
  const fact = lastError(log) ?? `it ended with ${signal ?? `status ${status}`}`
  throw new Error(`Cannot ${act} by "${criu}": ${fact}\n  ${checked(criu) ?? `The whole of it: ${log}`}`)
}
// #endregion criu

function behind(descriptors: Readonly<Record<number, number>> = {}): (number | 'ignore')[] {
  const most = Math.max(2, ...Object.keys(descriptors).map(Number))
  return Array.from({ length: most - 2 }, (_, n) => descriptors[3 + n] ?? 'ignore')
}

function requireCriu(criu: string): void {
  const { error } = spawnSync(criu, ['--version'], { stdio: 'ignore' })
  const isMissing = hasCode(error, 'ENOENT')
  if (error)
    throw new Error(
      `Cannot run "${criu}": ${isMissing ? 'there is no such program' : error.message}\n  Checkpoints are CRIU's work: install criu, or say where it is: boxwright-runc --criu FILE …`,
      { cause: error },
    )
}

/** What it complains of first has brought the rest about. That it cannot raise a limit of its own keeps it from nothing. */
function lastError(log: string): string | undefined {
  if (!fs.existsSync(log)) return undefined
  const lines = fs.readFileSync(log, 'utf8').split('\n')
  const line = lines.find((text) => text.includes(' Error (') && !text.includes('RLIMIT_NOFILE'))
  return line?.replace(/^.*? Error \([^)]*\): /, '')
}

/** Of a kernel that is not for it, it says so itself. */
function checked(criu: string): string | undefined {
  const { status, stderr } = spawnSync(criu, ['check'], { encoding: 'utf8' })
  if (status === 0) return undefined
  const words = stderr.trim().split('\n').slice(-1)[0]
  return `"criu check" says that this kernel is not for it: ${words ?? `status ${status}`}. Another version of CRIU may do`
}
