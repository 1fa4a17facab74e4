/** Values of options that are numbers. Go reads them with their prefix: 0x10 is 16. */
import { Complaint } from '../../workshop/complaint.ts'

/** @throws Complaint unless it is a whole number, from 0 on. */
export function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^(\d+|0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(text) && Number.isSafeInteger(number)) return number
  throw new Complaint(`Cannot set --${name} to "${text}": it is not a whole number, from 0 on`)
}

/** A length of time as Go writes it: 1m30s, 500ms. @returns milliseconds. @throws Complaint when there is none. */
export function duration(name: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)]
  const milliseconds = parts.reduce((sum, [, number, unit = 's']) => sum + Number(number) * (UNITS[unit] ?? 0), 0)
  if (milliseconds > 0 && parts.map(([part]) => part).join('') === text) return milliseconds
  throw new Complaint(`Cannot set --${name} to "${text}": it is no length of time\n  Write it as: 5s, 500ms, 1m30s`)
}

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
