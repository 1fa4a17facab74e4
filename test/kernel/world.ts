/**
 * Where the kernel tests take place: a mount namespace and state directories of their own. A command is run in it as a person would, and what
 * became of it is then read from the kernel, from outside. What other boxes on the machine do meanwhile is not counted.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setImmediate as flush } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ensureBase } from '../../src/image/base.ts'
import { differences, inventory, type Inventory } from '../../src/kernel/inventory.ts'
import { CLONE_NEWNS, MS_PRIVATE, MS_REC } from '../../src/kernel/constants.ts'
import { calls } from '../../src/kernel/libc.ts'
import { allPids, environmentOf, parentOf, statusField } from '../../src/kernel/proc.ts'
import { until } from './until.ts'

export { until } from './until.ts'

export const BOXWRIGHT = fileURLToPath(new URL('../../src/cli/boxwright.mjs', import.meta.url))

const MARK = 'BOXWRIGHT_BOX'
const isRoot = process.geteuid?.() === 0

/** For a test's options: `{ skip: skipWithoutRoot }`. */
export const skipWithoutRoot: string | false = isRoot ? enterOwnNamespace() : 'only root may build a box'

/** What this process starts from here on is born in a mount namespace that nobody else sees: mount_namespaces(7). */
function enterOwnNamespace(): string | false {
  try {
    calls.unshare(CLONE_NEWNS)
    calls.mount('none', '/', '', MS_REC | MS_PRIVATE, '')
    return false
  } catch (error) {
    return `root may not make a mount namespace here: ${(error as Error).message}`
  }
}

/** Shared by the worlds of one process, as the base image takes a while to make. */
const images = fs.mkdtempSync(join(tmpdir(), 'boxwright-images-'))
process.once('exit', () => fs.rmSync(images, { recursive: true, force: true }))

export interface RunOptions {
  /** What the command finds on its standard input; nothing when left out. */
  stdin?: string | Buffer
  env?: Record<string, string>
  cwd?: string
  uid?: number
  /** Another program than `node boxwright.mjs`, such as a stage's own file. */
  program?: string[]
}

export interface Ran {
  /** The exit status; 128 + n when signal n ended the launcher itself. */
  status: number
  stdout: string
  stderr: string
  /** Standard output as it came. */
  bytes: Buffer
}

/** A box whose command is running: execve(2) has been made. */
export interface Running extends Opened {
  /** The box's process, as the host counts. */
  pid: number
  /** As in its cgroups' names, `boxwright-ID`. */
  id: string
}

export interface Opened {
  /** What was started: the launcher itself, unless another program was. */
  launcher: number
  stdin: Writable
  /** @returns the first line of standard output that fits. */
  line(pattern: RegExp): Promise<string>
  signal(signal: NodeJS.Signals): void
  ended: Promise<Ran>
}

export class World implements AsyncDisposable {
  readonly directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-world-'))
  readonly images = images
  readonly state = join(this.directory, 'run')
  /** The boxes that were made in this world, by their pages in the ledger. */
  readonly ids = new Set<string>()
  readonly #launchers = new Set<Launcher>()
  readonly #watcher: fs.FSWatcher

  constructor() {
    fs.chmodSync(this.directory, 0o755)
    fs.mkdirSync(this.state)
    this.#watcher = fs.watch(this.state, (_, name) => {
      const id = /^([0-9a-f]+)\.json$/.exec(name ?? '')?.[1]
      if (id !== undefined) this.ids.add(id)
    })
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const launcher = this.#launch(args, options)
    launcher.child.stdin.end(options.stdin ?? '')
    return launcher.ended
  }

  /** Starts a box and returns when its command is running. Ended with the world at the latest. */
  async start(args: readonly string[], options: RunOptions = {}): Promise<Running> {
    const opened = this.open(args, options)
    let early: Ran | undefined
    void opened.ended.then((ran) => (early = ran))
    const box = await until(`a box of "${args.join(' ')}"`, () => {
      if (early)
        throw new Error(`Cannot start a box of "${args.join(' ')}": it has ended\n${early.stdout}${early.stderr}`)
      return boxBelow(opened.launcher)
    })
    if (options.stdin !== undefined) opened.stdin.end(options.stdin)
    return { ...opened, ...box }
  }

  /** Starts a command, whatever it may do. Its standard input stays open. */
  open(args: readonly string[], options: RunOptions = {}): Opened {
    const { child, texts, ended } = this.#launch(args, options)
    const line = (pattern: RegExp): Promise<string> =>
      until(`a line ${pattern} on standard output`, () => lineOf(texts[0], pattern))
    const signal = (name: NodeJS.Signals): void => void child.kill(name)
    return { launcher: child.pid ?? 0, stdin: child.stdin, line, signal, ended }
  }

  /** The base image's directory. */
  base(): string {
    return ensureBase(images).path
  }

  /** A directory of the test's own, away from the image. */
  newPlace(): string {
    return fs.mkdtempSync(join(this.directory, 'place-'))
  }

  /** A copy of the base image that a test may change. */
  copyOfBase(): string {
    const place = join(this.newPlace(), 'rootfs')
    fs.cpSync(this.base(), place, { recursive: true, verbatimSymlinks: true })
    return place
  }

  inventory(): Inventory {
    return inventory(MARK)
  }

  /** What the boxes of this world have left on the host, or taken from it, and the pages of boxes that are still in the ledger. */
  left(before: Inventory): string[] {
    const pages = fs.readdirSync(this.state).filter((name) => name.includes('.json'))
    return [
      ...differences(before, this.inventory()).filter((line) => this.#isOurs(line)),
      ...pages.map((name) => `left: state ${name}`),
    ]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#launchers) child.kill('SIGTERM')
    await Promise.all([...this.#launchers].map(({ ended }) => ended))
    this.#watcher.close()
    fs.rmSync(this.directory, { recursive: true })
  }

  /** Other boxes, and the host's own services, make cgroups and processes meanwhile. */
  #isOurs(line: string): boolean {
    const [, kind, name = ''] = /^\w+: (\w+) (.*)$/.exec(line) ?? []
    if (kind === 'process') return this.ids.has(idOf(Number(name)) ?? '')
    return kind !== 'cgroup' || [...this.ids].some((id) => name.includes(id)) || name.includes('boxwright-supervisors')
  }

  #launch(args: readonly string[], { env, cwd, uid, program = [process.execPath, BOXWRIGHT] }: RunOptions): Launcher {
    const [file = '', ...rest] = [...program, ...args]
    const child = spawn(file, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
      env: { ...environment(), BOXWRIGHT_RUN: this.state, BOXWRIGHT_IMAGES: images, ...env },
      ...(uid !== undefined && { uid, gid: uid }),
    })
    const launcher = watch(child)
    this.#launchers.add(launcher)
    void launcher.ended.then(() => this.#launchers.delete(launcher))
    return launcher
  }
}

/** The name of the box that a process belongs to, by the environment that it was started with. */
export function idOf(pid: number): string | undefined {
  return environmentOf(pid)
    .find((entry) => entry.startsWith(`${MARK}=`))
    ?.slice(MARK.length + 1)
}

/** What a process was started as, its words joined by spaces; nothing of one that is gone. */
export function commandLineOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}

/** Until a program that sleeps does, its loader has files open. */
export const asleep = (pid: number): Promise<boolean> =>
  until('it to sleep', () => statusField(pid, 'State').startsWith('S'))

/** All processes of a box, as the host counts. */
export const processesOf = (id: string): number[] => allPids().filter((pid) => idOf(pid) === id)

type Child = ChildProcessByStdio<Writable, Readable, Readable>

interface Launcher {
  child: Child
  /** What has come on standard output and on standard error so far. */
  texts: [string, string]
  ended: Promise<Ran>
}

const environment = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: '/root' })

function watch(child: Child): Launcher {
  const chunks: [Buffer[], Buffer[]] = [[], []]
  const texts: [string, string] = ['', '']
  for (const [n, stream] of [child.stdout, child.stderr].entries())
    stream.on('data', (chunk: Buffer) => {
      chunks[n]?.push(chunk)
      texts[n] = `${texts[n] ?? ''}${chunk.toString()}`
    })
  child.stdin.on('error', () => {}) // a command need not read its input
  const ended = (async (): Promise<Ran> => {
    const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    await flush() // what was seen in the state directory meanwhile
    const [bytes, errors] = chunks.map((all) => Buffer.concat(all)) as [Buffer, Buffer]
    return {
      status: status ?? 128 + constants.signals[signal ?? 'SIGKILL'],
      stdout: bytes.toString(),
      stderr: errors.toString(),
      bytes,
    }
  })()
  return { child, texts, ended }
}

/** A box's first process, below the one that was started. The mark is in the environment that execve(2) was given. */
export const boxBelow = (starter: number): { pid: number; id: string } | undefined =>
  allPids()
    .map((pid) => ({ pid, id: idOf(pid) ?? '' }))
    .find(({ pid, id }) => id !== '' && isOutside(parentOf(pid) ?? 0, id) && isBelow(pid, starter))

/** In execve(2) a process has neither words nor an environment: then it cannot be told. */
const isOutside = (pid: number, id: string): boolean => commandLineOf(pid) !== '' && idOf(pid) !== id

function isBelow(pid: number, ancestor: number): boolean {
  const parent = parentOf(pid) ?? 0
  return parent === ancestor || (parent > 1 && isBelow(parent, ancestor))
}

const lineOf = (text: string, pattern: RegExp): string | undefined =>
  text
    .split('\n')
    .slice(0, -1)
    .find((line) => pattern.test(line))
