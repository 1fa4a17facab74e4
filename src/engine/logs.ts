/** What a container has said that was left alone: the lines that its monitor has written, one for each of its own, as Kubernetes' CRI wants them. */
import * as fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kept, Shelf } from './kept.ts'
import { isRunning, isSeenTo } from './status.ts'

export interface Said {
  time: string
  stream: 'stdout' | 'stderr'
  /** With its end, unless it had none. */
  text: string
}

// #region logs
/** @param follow whether to wait for more, as long as the container runs. */
export async function* logsOf(shelf: Shelf, kept: Kept, follow: boolean): AsyncGenerator<Said> {
  const file = fs.openSync(shelf.log(kept.id), 'r')
  try {
    let rest = Buffer.alloc(0)
    for (let isLast = false; ;) {
      const chunk = Buffer.alloc(64 << 10)
      const length = fs.readSync(file, chunk)
      rest = Buffer.concat([rest, chunk.subarray(0, length)])
      for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
        yield parsed(rest.subarray(0, end).toString('latin1'))
        rest = rest.subarray(end + 1)
      }
      if (length > 0) continue
      if (isLast || !follow) return
      isLast = !goesOn(shelf, kept)
      if (!isLast) await sleep(50)
    }
  } finally {
    fs.closeSync(file)
  }
}
// #endregion logs

/** Its monitor writes until it has ended. */
function goesOn(shelf: Shelf, kept: Kept): boolean {
  const now = shelf.again(kept) ?? kept
  return isRunning(shelf, now) || isSeenTo(shelf, now)
}

/** F: a whole line; P: a part of one. */
function parsed(line: string): Said {
  const [, time = '', stream, tag, text = ''] = /^(\S+) (stdout|stderr) ([FP]) (.*)$/s.exec(line) ?? []
  return { time, stream: stream === 'stderr' ? 'stderr' : 'stdout', text: tag === 'F' ? `${text}\n` : text }
}
