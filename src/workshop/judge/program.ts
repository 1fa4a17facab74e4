/** What is judged: a program, in whatever language, that runs a command in a box. A learner's wall is one too: ours, with that wall in it. */
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import type { Asked, Limits } from './asked.ts'
import type { End } from './facts.ts'

export interface Program {
  /** The words by which it is started. */
  words(asked: Asked, command: readonly string[]): string[]
}

// #region programs
/** `boxwright stage N run --wall FILE --rootfs ROOTFS sh -c …` */
export const withWallOf = (file: string): Program => ({
  words: ({ lesson, rootfs, limits, network }, command) => [
    ...ourStage(lesson),
    ...['run', '--wall', file, '--rootfs', rootfs],
    ...optionsOf({ ...limits, network }),
    ...command,
  ],
})

/** `./mybox run --memory 50331648 ROOTFS sh -c …` */
export const foreign = (words: readonly string[]): Program => ({
  words: ({ rootfs, limits, network }, command) => [
    ...words,
    'run',
    ...optionsOf({ ...limits, network }),
    rootfs,
    ...command,
  ],
})
// #endregion programs

/** `boxwright stage N`, as this very program was started. */
export const ourStage = (lesson: number): string[] => [
  ...[process.execPath, ...process.execArgv, process.argv[1] ?? ''],
  ...['stage', String(lesson)],
]

const optionsOf = (asked: Limits & { network: string | undefined }): string[] =>
  Object.entries(asked).flatMap(([name, value]: [string, bigint | number | string | undefined]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  )

/** When to give up on a program that neither comes to the gate nor ends. The machine may be loaded: it is never what is judged. */
const PATIENCE_MS = 120_000

export class Run {
  readonly ended: Promise<End>
  readonly #child: ReturnType<typeof spawn>
  #tired = false

  /** What it says goes into files: a pipe would stay open for as long as anything that it has left behind. */
  constructor([file = '', ...words]: readonly string[], { directory }: Arena) {
    const errors = join(directory, 'stderr')
    const files = [join(directory, 'stdout'), errors].map((path) => fs.openSync(path, 'w'))
    this.#child = spawn(file, words, { stdio: ['ignore', ...files] })
    for (const fd of files) fs.closeSync(fd)
    process.once('exit', this.#terminate)
    const read = (): Pick<End, 'stdout' | 'stderr'> => ({
      stdout: fs.readFileSync(join(directory, 'stdout'), 'utf8'),
      stderr: fs.readFileSync(errors, 'utf8'),
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('error', ({ message }) => resolve({ status: 127, stdout: '', stderr: message }))
      this.#child.once('exit', (status, signal) => resolve({ ...this.#statusOf(status, signal), ...read() }))
    })
  }

  /** @returns what the event gives; nothing when the program ends before it, or has to be ended. */
  async until<T>(event: Promise<T | undefined>): Promise<T | undefined> {
    return Promise.race([event, this.ended.then(() => undefined), this.#patience()])
  }

  /** To its end, which is brought about when it does not come. */
  async end(): Promise<End> {
    await this.until(this.ended)
    process.off('exit', this.#terminate)
    return this.ended
  }

  /** The judge is interrupted: a program of ours then takes its box down. */
  #terminate = (): void => void this.#child.kill('SIGTERM')

  async #patience(): Promise<undefined> {
    await passed(PATIENCE_MS, undefined, { ref: false })
    this.#tired = true
    this.#child.kill('SIGKILL')
  }

  #statusOf(status: number | null, signal: NodeJS.Signals | null): Pick<End, 'status'> {
    return this.#tired ? {} : { status: status ?? 128 + constants.signals[signal ?? 'SIGKILL'] }
  }
}
