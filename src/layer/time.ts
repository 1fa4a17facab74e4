/** When a file was changed: to the nanosecond, as the kernel has it; utimensat(2). */
import type { BigIntStats } from 'node:fs'

export interface Time {
  /** Since 1970; before it, less than 0. */
  seconds: number
  /** On top of the seconds, from 0 on: they count upwards before 1970, too. */
  nanoseconds: number
}

const BILLION = 1_000_000_000n

export function timeOf({ mtimeNs }: BigIntStats): Time {
  const nanoseconds = ((mtimeNs % BILLION) + BILLION) % BILLION
  return { seconds: Number((mtimeNs - nanoseconds) / BILLION), nanoseconds: Number(nanoseconds) }
}
