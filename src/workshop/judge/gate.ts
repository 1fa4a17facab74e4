/**
 * A gate: a fifo at which the command waits while it is looked at. It opens the gate for reading; the open for writing of our keeper returns when
 * somebody has, and that is the event. Who it was is asked of the kernel: the process that holds this very inode.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { allPids } from '../../kernel/proc.ts'

// #region gate
export class Gate implements Disposable {
  /** The process at the gate, or nothing when the gate was taken down before there was one. */
  readonly reached: Promise<number | undefined>
  readonly #keeper: ChildProcess
  readonly #path: string

  constructor(path: string) {
    execFileSync('mkfifo', [path])
    this.#path = path
    this.#keeper = spawn('sh', ['-c', 'exec 3>"$1"; echo; read go && echo >&3', 'sh', path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#keeper.stdin?.on('error', () => {}) // it has been ended
    this.reached = this.#wait()
  }

  /** Lets whoever waits go on. */
  open(): void {
    this.#keeper.stdin?.end('\n')
  }

  [Symbol.dispose](): void {
    this.#keeper.kill('SIGKILL')
    fs.rmSync(this.#path, { force: true })
  }

  async #wait(): Promise<number | undefined> {
    const ended = once(this.#keeper, 'exit').then(() => false)
    const opened = once(this.#keeper.stdout ?? this.#keeper, 'data').then(() => true)
    return (await Promise.race([opened, ended])) ? readerOf(this.#path, this.#keeper.pid) : undefined
  }
}
// #endregion gate

function readerOf(path: string, keeper: number | undefined): number | undefined {
  const { dev, ino } = fs.statSync(path)
  return allPids().find((pid) => pid !== keeper && holds(pid, dev, ino))
}

function holds(pid: number, dev: number, ino: number): boolean {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const stat = fs.statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false })
      return stat?.dev === dev && stat.ino === ino
    })
  } catch {
    return false // it has just ended, or is nobody's to look at
  }
}

// #region gates
/** The same gate at the two places where the command can look for it: in the root that it was to have, and in the arena. */
export class Gates implements Disposable {
  readonly reached: Promise<number | undefined>
  readonly #gates: Gate[]

  constructor(paths: readonly string[]) {
    this.#gates = paths.map((path) => new Gate(path))
    this.reached = Promise.race(this.#gates.map(({ reached }) => reached))
  }

  open(): void {
    for (const gate of this.#gates) gate.open()
  }

  [Symbol.dispose](): void {
    for (const gate of this.#gates) gate[Symbol.dispose]()
  }
}
// #endregion gates
