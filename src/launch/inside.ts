/**
 * The box's end of the inline launcher: a second Node, born where the host lane wanted it. It is handed steps, plays them, and with the last one
 * stops being Node. Nothing may be loaded after the first step: by then `/` is another directory.
 */
import { readdirSync, readlinkSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import * as kernel from '../kernel/constants.ts'
import { calls, setSoftLimit } from '../kernel/libc.ts'
import type { Step } from '../plan/plan.ts'
import { isFine } from './launcher.ts'
import { play } from './play.ts'

/** The socket to the host lane. Closed by execve(2) itself, which is how the other side learns of it. */
const HOST = 3

// #region inside
calls.prctl(kernel.PR_SET_PDEATHSIG, constants.signals.SIGKILL, 0)
keepFromCommand(openDescriptors())
const usualMask = process.umask(0)

for (let line = readLine(); line !== undefined; line = readLine()) {
  for (const step of JSON.parse(line) as Step[]) {
    if (step.call === 'execvpe') stopBeingNode()
    const result = play(step)
    writeSync(HOST, `${JSON.stringify(result)}\n`)
    if (!isFine(step, result)) break // and stay, to be looked at: whoever asked ends this process
  }
}
// #endregion inside

// #region stop
/** What Node changed of its process when it started, put back: a command must not find it. */
function stopBeingNode(): void {
  for (const fd of [0, 1, 2]) calls.fcntl(fd, kernel.F_SETFD, 0) // Node marks them close-on-exec
  for (const signal of ['SIGPIPE', 'SIGXFSZ'] as const) calls.signal(constants.signals[signal], kernel.SIG_DFL) // Node ignores them
  setSoftLimit(kernel.RLIMIT_NOFILE, 1024n) // Node raises it to the hard limit; 1024 is what select(2) can take
  process.umask(usualMask)
}
// #endregion stop

/** Whatever else is open here, Node's own and what our caller forgot to close, is closed by execve(2): CVE-2024-21626 was one left open. */
function keepFromCommand(descriptors: readonly number[]): void {
  for (const fd of descriptors) calls.fcntl(fd, kernel.F_SETFD, kernel.FD_CLOEXEC)
}

/** Without the one by which the directory was being read: it is gone. */
function openDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd >= HOST && isOpen(fd))
}

function isOpen(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) !== ''
  } catch {
    return false
  }
}

/** One line, however long. Byte by byte would be simple and slow; a plan with long arguments is megabytes. */
function readLine(): string | undefined {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.alloc(65_536)
    const length = readSync(HOST, chunk)
    if (length === 0) return undefined
    chunks.push(chunk.subarray(0, length))
    if (chunk[length - 1] === 10) return Buffer.concat(chunks).toString()
  }
}
