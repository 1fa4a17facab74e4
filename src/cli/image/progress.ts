/** What is told while an image comes or goes: a bar for each of its parts on a terminal, a line for each when it is done elsewhere, or JSON. */
import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Digest } from '../../oci/digest.ts'
import type { OnEvent, TransferEvent } from '../../registry/events.ts'
import { inBytes } from './quantities.ts'

export const PROGRESS = {
  quiet: { short: 'q', about: 'print nothing but the name' },
  json: { about: 'each event as a line of JSON' },
} as const

// #region progress
export function progress({ quiet, json }: { quiet?: boolean; json?: boolean }): OnEvent {
  if (quiet) return () => {}
  if (json) return (event) => void writeSync(1, `${JSON.stringify(event)}\n`)
  return isatty(2) ? bars() : (event) => lineOf(event).forEach((line) => void writeSync(2, `${line}\n`))
}
// #endregion progress

const short = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1).slice(0, 12)

const HOW = {
  transferred: 'done',
  present: 'is here already',
  mounted: 'was there already',
  foreign: 'left out',
} as const

function lineOf(event: TransferEvent): string[] {
  if (event.kind === 'done') return [`${short(event.digest)}: ${HOW[event.how]}, ${inBytes(event.size)}`]
  if (event.kind === 'again') return [`once more in ${(event.delay / 1000).toFixed(1)} s: ${event.why}`]
  return event.kind === 'mirror' ? [`${event.host} could not help: ${event.why}`] : []
}

const WIDTH = 30

// #region bars
/** Rows that are there are written over: the cursor goes up, and each line is cleared to its end. ECMA-48 §8.3.22, §8.3.41. */
function bars(): OnEvent {
  const rows = new Map<Digest, string>()
  let drawn = 0
  let last = 0
  return (event) => {
    if (!('digest' in event)) {
      for (const line of lineOf(event)) rows.set(`${line} ` as Digest, line)
      return
    }
    rows.set(event.digest, rowOf(event))
    if (event.kind === 'progress' && Date.now() - last < 50) return
    last = Date.now()
    const up = drawn > 0 ? `\x1b[${drawn}A` : ''
    writeSync(2, up + [...rows.values()].map((row) => `${row}\x1b[K\n`).join(''))
    drawn = rows.size
  }
}

function rowOf(event: Extract<TransferEvent, { digest: Digest }>): string {
  if (event.kind === 'done') return lineOf(event).join('')
  const share = event.size === 0 ? 1 : event.offset / event.size
  const bar = '='.repeat(Math.round(share * WIDTH)).padEnd(WIDTH)
  return `${short(event.digest)}: [${bar}] ${inBytes(event.offset)}/${inBytes(event.size)}`
}
// #endregion bars
