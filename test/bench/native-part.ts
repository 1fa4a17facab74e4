/** Boxes without Node: the native launcher beside a C program that makes the same calls, and beside others' runtimes. */
import { medianCalls, type CallTimes } from './calls.ts'
import { clocked } from './clock.ts'
import { withoutUnified } from './hidden.ts'
import { runHundred } from './many.ts'
import { lookAtMonitor, type Monitor } from './monitor.ts'
import { BARE, natives } from './natives.ts'
import { mapped } from './stage-part.ts'
import { runReported } from './steps.ts'
import type { Place } from './subjects.ts'
import { summary, type Summary } from './summary.ts'
import { callTable, totalTable } from './tables.ts'

export interface NativeFigures {
  /** Milliseconds, by what was run: with a network namespace, and without. */
  networked: Record<string, Summary>
  plain: Record<string, Summary>
  /** Seconds for a hundred boxes, eight at a time. */
  hundred: Record<string, Summary>
  monitor: Monitor
  /** Microseconds of each step. */
  steps: CallTimes[]
}

/** They are quick: of these there are five times as many runs. */
const TIMES = 5

export async function measureNatives(place: Place, runs: number): Promise<NativeFigures> {
  const [networked, plain] = [natives(place, true), natives(place, false)]
  const times: Record<'networked' | 'plain' | 'hundred', Record<string, number[]>> = {
    networked: {},
    plain: {},
    hundred: {},
  }
  withoutUnified(() => {
    for (let run = 0; run < TIMES * runs; run += 1) {
      for (const [name, program] of Object.entries(networked)) (times.networked[name] ??= []).push(clocked(program))
      for (const [name, program] of Object.entries(plain)) (times.plain[name] ??= []).push(clocked(program))
    }
    for (let run = 0; run < Math.max(runs / 2, 1); run += 1)
      for (const [name, seconds] of Object.entries(runHundred(networked, place)))
        (times.hundred[name] ??= []).push(seconds)
  })
  const steps: CallTimes[][] = []
  for (let run = 0; run < TIMES * runs; run += 1) steps.push(await runReported(place))
  return {
    networked: mapped(times.networked, summary),
    plain: mapped(times.plain, summary),
    hundred: mapped(times.hundred, summary),
    monitor: await lookAtMonitor(place),
    steps: medianCalls(steps),
  }
}

export const nativeTables = ({ networked, plain, hundred, monitor, steps }: NativeFigures): string =>
  [
    `A box with a network namespace, in milliseconds\n\n${totalTable(networked, BARE, 2)}`,
    `The same without one, in milliseconds\n\n${totalTable(plain, BARE, 2)}`,
    `A hundred boxes, eight at a time, in seconds\n\n${totalTable(hundred, BARE, 2)}`,
    `While a box runs: processes besides its own: ${monitor.processes}, resident: ${monitor.kibibytes} KiB`,
    `launch, step by step, in microseconds\n\n${callTable(steps)}`,
  ].join('\n\n')
