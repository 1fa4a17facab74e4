/** A signal as callers name it: 15, TERM, SIGTERM, term; and by its distance from an end, RTMIN+1 (signal(7)). */
import { constants } from 'node:os'
import { Complaint } from '../../workshop/complaint.ts'

/** The C library keeps two of the real-time signals, 32 and 33, for itself. */
const [SIGRTMIN, SIGRTMAX] = [34, 64]

/** @throws Complaint when there is no such signal. */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : named(text.toUpperCase().replace(/^(SIG)?/, 'SIG'))
  if (number !== undefined && number <= SIGRTMAX) return number
  throw new Complaint(`Cannot send the signal "${text}": there is none of that name\n  See the names with: kill -l`)
}

function named(name: string): number | undefined {
  const [, end, distance = '0'] = /^SIGRT(MIN|MAX)((?<=MIN)\+\d+|(?<=MAX)-\d+)?$/.exec(name) ?? []
  if (end === undefined) return (constants.signals as Record<string, number>)[name]
  const number = (end === 'MIN' ? SIGRTMIN : SIGRTMAX) + Number(distance)
  return number >= SIGRTMIN ? number : undefined
}
