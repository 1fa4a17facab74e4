/**
 * A gate: a fifo at which the command waits while it is looked at. It opens the gate for reading; the open for writing of our keeper returns when
 * somebody has, and that is the event. Who it was is asked of the kernel: the process that holds this very inode.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { setTimeout as passed } from 'node:timers/promises'
import { allPids } from '../../kernel/proc.ts'

/** If the judge is killed, its keepers end by themselves, and with them the wait of whoever stands at a gate. */
const LONGEST_S = '900'

const TRIES = 200

const KEEPER = 'exec 3>"$1"; echo; read go && echo "$go" >&3'

// #region gate
class Gate implements Disposable {
  /** The process at the gate, or nothing when the gate was taken down before there was one. */
  readonly reached: Promise<number | undefined>
  readonly #keeper: ChildProcess
  readonly #path: string

  constructor(path: string) {
    execFileSync('mkfifo', [path])
    this.#path = path
    this.#keeper = spawn('timeout', [LONGEST_S, 'sh', '-c', KEEPER, 'sh', path], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#keeper.stdin?.on('error', () => {}) // it has been ended
    process.once('exit', this.#end)
    this.reached = this.#wait()
  }

  /** Lets whoever waits go on, with a word for it to read. */
  open(word: string): void {
    this.#keeper.stdin?.end(`${word}\n`)
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#end)
    this.#end()
    fs.rmSync(this.#path, { force: true })
  }

  /** timeout(1) passes SIGTERM on. */
  #end = (): void => void this.#keeper.kill('SIGTERM')

  async #wait(): Promise<number | undefined> {
    const ended = once(this.#keeper, 'exit').then(() => false)
    const opened = once(this.#keeper.stdout ?? this.#keeper, 'data').then(() => true)
    return (await Promise.race([opened, ended])) ? this.#reader() : undefined
  }

  /** Our keeper may hear of its open(2) before that has returned. @returns nobody, if it has gone again. */
  async #reader(): Promise<number | undefined> {
    for (let tries = 0; tries < TRIES && fs.existsSync(this.#path); tries += 1) {
      const reader = readerOf(this.#path)
      if (reader !== undefined) return reader
      await passed(5)
    }
    return undefined
  }
}
// #endregion gate

function readerOf(path: string): number | undefined {
  const { dev, ino } = fs.statSync(path)
  return allPids().find((pid) => reads(pid, dev, ino))
}

function reads(pid: number, dev: number, ino: number): boolean {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const stat = fs.statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false })
      return stat?.dev === dev && stat.ino === ino && isForReading(pid, fd)
    })
  } catch {
    return false // it has just ended, or is nobody's to look at
  }
}

/** proc_pid_fdinfo(5): the flags of open(2) in octal, of which the last digit has the access mode. The keeper's own is for writing. */
const isForReading = (pid: number, fd: string): boolean =>
  /^flags:\s*\d*[04]$/m.test(fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))

// #region gates
/** The same gate at the two places where the command can look for it: in the root that it was to have, and in the arena. */
export class Gates implements Disposable {
  readonly reached: Promise<number | undefined>
  readonly #gates: Gate[]

  constructor(paths: readonly string[]) {
    this.#gates = paths.map((path) => new Gate(path))
    this.reached = Promise.race(this.#gates.map(({ reached }) => reached))
  }

  open(word: 'on' | 'end'): void {
    for (const gate of this.#gates) gate.open(word)
  }

  [Symbol.dispose](): void {
    for (const gate of this.#gates) gate[Symbol.dispose]()
  }
}
// #endregion gates
