/**
 * What callers read of us when something has gone wrong: lines as runC's logger writes them, as JSON or as text, in the file that was named or on
 * standard error. containerd shows the last line with the level `error`, Podman expects it to be the only one; so it is one line, and it is all.
 */
import { closeSync, openSync, writeSync } from 'node:fs'

export interface Log {
  file: string | undefined
  format: 'text' | 'json'
  debug: boolean
}

type Level = 'error' | 'warning' | 'debug'

/** To the log; and a person at standard error reads it as it was written, with what to do on a line of its own. */
export function tell(log: Log, level: Level, message: string): void {
  if (level === 'debug' && !log.debug) return
  if (log.file === undefined && process.stderr.isTTY) writeSync(2, `boxwright-runc: ${message}\n`)
  else if (log.file === undefined) writeSync(2, lineOf(log.format, level, message))
  else append(log.file, lineOf(log.format, level, message))
  if (log.file !== undefined && level === 'error') writeSync(2, `${message}\n`)
}

export function lineOf(format: Log['format'], level: Level, message: string, now = new Date()): string {
  const time = now.toISOString().replace(/\.\d+/, '')
  const msg = message.replace(/\n\s*/g, '; ')
  return format === 'json'
    ? `${JSON.stringify({ level, msg, time })}\n`
    : `time=${JSON.stringify(time)} level=${level} msg=${JSON.stringify(msg)}\n`
}

function append(path: string, line: string): void {
  const file = openSync(path, 'a', 0o644)
  try {
    writeSync(file, line)
  } finally {
    closeSync(file)
  }
}
