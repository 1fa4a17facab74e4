/** The child in which the box lane runs: how it is born, spoken with, and waited for. */
import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CLONE_NEWPID } from '../kernel/constants.ts'
import { calls } from '../kernel/libc.ts'
import type { Step } from '../plan/plan.ts'
import type { Result } from './launcher.ts'
import { isFine } from './launcher.ts'
import { loaders } from '../kernel/loaders.ts'

/** Beside this file as TypeScript; beside the bundle as JavaScript. */
const PROGRAM = fileURLToPath(new URL(`inside${extname(import.meta.url)}`, import.meta.url))

export interface Inside {
  /** The process's number, as the host counts. */
  readonly pid: number
  /** Hands over steps and waits. @returns what became of each, up to the first that failed. */
  play(steps: readonly Step[]): Promise<Result[]>
  /** A child that has not become the command by now ends. */
  noMore(): void
  /** @returns the exit status; 128 + n when signal n ended it. */
  ended: Promise<number>
}

// #region birth
/** The child inherits this process's terminal as it is, and has a socket of its own to be spoken to. */
export function birth(): Inside {
  const child = spawn(process.execPath, [...loaders(), PROGRAM], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: {},
  })
  if (child.pid === undefined)
    throw new Error('Cannot start a second Node for the box lane: the kernel gave no process')
  comeBack()
  const socket = child.stdio[3] as Socket
  const replies = createInterface({ input: socket })[Symbol.asyncIterator]()
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  })
  return { pid: child.pid, ended, play: (steps) => play(steps, socket, replies), noMore: () => void socket.end() }
}
// #endregion birth

/** After unshare(CLONE_NEWPID) later children, and threads, of ours would be meant for the box as well: come back. */
function comeBack(): void {
  const [own, children] = ['pid', 'pid_for_children'].map((name) => readlinkSync(`/proc/self/ns/${name}`))
  if (own !== children) calls.setns('/proc/self/ns/pid', CLONE_NEWPID)
}

/** A child that is killed with steps unread resets its socket: that, too, is only its end. */
const GONE = { value: undefined, done: true } as const

async function play(steps: readonly Step[], socket: Socket, replies: AsyncIterator<string>): Promise<Result[]> {
  const results: Result[] = []
  socket.on('error', () => {}) // a child that is gone reads nothing more: its end says so below
  socket.write(`${JSON.stringify(steps)}\n`)
  let lastReply = process.hrtime.bigint()
  for (const step of steps) {
    const { value, done } = (await replies.next().catch(() => GONE)) as IteratorResult<string, undefined>
    const elapsed = Number(process.hrtime.bigint() - lastReply)
    lastReply += BigInt(elapsed)
    // The socket closes by itself when execve(2) succeeds, and at no other time unless the child dies.
    if (done && step.call !== 'execvpe') throw new DiedEarly(step)
    const result = done ? { errno: 0, nanoseconds: elapsed } : (JSON.parse(value) as Result)
    results.push(result)
    if (!isFine(step, result)) break
  }
  return results
}

/** The box's process was ended from outside while its walls were being built. */
export class DiedEarly extends Error {
  override readonly name = 'DiedEarly'
  readonly step: Step

  constructor(step: Step) {
    super(`Cannot finish the box: its process was killed while it was about to ${step.call}`)
    this.step = step
  }
}
