/** Whoever waits at a console socket: Node can't be handed descriptors, so a small C program is. And script(1), which is a terminal itself. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fs from 'node:fs'
import { until } from './world.ts'

/** `-e` passes the exit status on, `-f` leaves nothing in a buffer. */
export const SCRIPT = ['script', '--quiet', '--return', '--flush', '/dev/null', '--command']

export const withoutScript = (): string | false => {
  const { stdout, error } = spawnSync('script', ['--version'], { encoding: 'utf8' })
  return !error && stdout.includes('util-linux') ? false : 'no script(1) of util-linux to be the terminal'
}

const program = join(fs.mkdtempSync(join(tmpdir(), 'boxwright-console-')), 'console')
process.once('exit', () => fs.rmSync(join(program, '..'), { recursive: true, force: true }))

/** For a test's options. */
export const withoutConsole: string | false =
  spawnSync('cc', ['-o', program, join(import.meta.dirname, 'console.c')]).status === 0
    ? false
    : 'no C compiler to build what waits for a terminal'

export class Console implements AsyncDisposable {
  /** What was said with the terminal and what its size was, and then all that was said at it. */
  said = ''
  readonly socket: string
  readonly #process
  readonly #ended

  private constructor(socket: string) {
    this.socket = socket
    this.#process = spawn(program, [socket], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process.stdout.on('data', (chunk: Buffer) => (this.said += chunk.toString()))
    this.#ended = once(this.#process, 'close')
  }

  /** @returns when somebody may connect. */
  static async listen(socket: string): Promise<Console> {
    const console = new Console(socket)
    await console.hears(/^listening\n/)
    return console
  }

  type(text: string): void {
    this.#process.stdin.write(text)
  }

  hears(what: RegExp): Promise<RegExpExecArray> {
    return until(`${what} at the console: "${this.said}"`, () => what.exec(this.said) ?? undefined)
  }

  /** @returns all that was said, when nobody has the terminal open any more. */
  async end(): Promise<string> {
    await this.#ended
    return this.said
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }
}
