/**
 * Somebody to make a call that fails: the launcher's own child, in whatever surroundings a test wants. After a call that was refused it stays as
 * it is, so that what is so for it can be looked at from outside.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { errnoName } from '../../src/kernel/error.ts'
import type { Draft } from '../../src/plan/plan.ts'
import { BOXWRIGHT } from './world.ts'

/** The bundle, since it starts in a quarter of the time. Any command of boxwright's brings it up to date. */
const INSIDE = fileURLToPath(new URL('../../dist/inside.js', import.meta.url))
execFileSync(process.execPath, [BOXWRIGHT, '--help'])

export class Actor implements AsyncDisposable {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #replies: AsyncIterator<string>

  /** @param surroundings words that start a program in them: `unshare --user`. It may not fork. */
  constructor([first, ...rest]: readonly string[]) {
    const [file, args] =
      first === undefined ? [process.execPath, [INSIDE]] : [first, [...rest, process.execPath, INSIDE]]
    this.#child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
    this.pid = this.#child.pid ?? 0
    const socket = this.#child.stdio[3] as Socket
    socket.on('error', () => {})
    this.#replies = createInterface({ input: socket })[Symbol.asyncIterator]()
  }

  /** @returns what each call gave: `ok`, or the error's name; up to the first that was refused. */
  async play(steps: readonly Draft[]): Promise<string[]> {
    const codes: string[] = []
    ;(this.#child.stdio[3] as Socket).write(`${JSON.stringify(steps)}\n`)
    for (const step of steps) {
      const { value, done } = (await this.#replies.next()) as IteratorResult<string, undefined>
      if (done) throw new Error(`Cannot play ${step.call}: the actor has ended`)
      const { errno } = JSON.parse(value) as { errno: number }
      const isFine = errno === 0 || step.fine?.includes(errnoName(errno)) === true
      codes.push(isFine ? 'ok' : errnoName(errno))
      if (!isFine) break
    }
    return codes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** A program that says a line when it has done its part, and then waits to be ended. */
export class Extra implements AsyncDisposable {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(words: readonly string[]) {
    const [file = '', ...args] = words
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.pid = this.#child.pid ?? 0
    this.#child.stdin?.on('error', () => {})
    if (!this.#child.stdout) throw new Error('Cannot listen: there is no standard output')
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  async line(): Promise<string> {
    const { value, done } = (await this.#lines.next()) as IteratorResult<string, undefined>
    if (done) throw new Error('Cannot wait for a line: the program has ended')
    return value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
