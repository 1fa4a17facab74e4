/** Processes that go into a tree: how they are fed, and how they end. */
import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { hasCode } from '../kernel/error-code.ts'

// #region feed
/** One that has refused what it is fed reads no more of it, and says why itself; when that breaks off, there is nothing left for it to do. */
export async function feed(from: Readable, child: ChildProcess): Promise<void> {
  try {
    await pipeline(from, child.stdin as Writable)
  } catch (error) {
    if (hasCode(error, 'EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE')) return
    child.kill('SIGKILL')
    throw error
  }
}
// #endregion feed

export interface End {
  status: number | null
  signal: NodeJS.Signals | null
}

/** And all that it had to say has come. @throws Error when it could not be started. */
export const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ status, signal }))
  })
