/** The stages as a learner runs them, and where the time goes with the inline launcher. */
import { medianCalls, runExplained, type CallTimes } from './calls.ts'
import { medianParts, runProbed, type Parts } from './parts.ts'
import { PEER, STAGES, timed, yardsticks, type Place } from './subjects.ts'
import { summary, type Summary } from './summary.ts'
import { callTable, partTable, totalTable } from './tables.ts'

export interface StageFigures {
  /** Milliseconds from outside, by what was run. */
  totals: Record<string, Summary>
  /** Milliseconds, for each stage. */
  parts: Record<string, Parts>
  /** Microseconds of each step, for each stage. */
  calls: Record<string, CallTimes[]>
}

/** One of each, then one of each again: what disturbs the machine meanwhile disturbs all of them. */
export function measureStages(place: Place, runs: number): StageFigures {
  const subjects = yardsticks(place)
  const totals: Record<string, number[]> = {}
  const parts: Record<string, Parts[]> = Object.fromEntries(STAGES.map((stage) => [stage, []]))
  const calls: Record<string, CallTimes[][]> = Object.fromEntries(STAGES.map((stage) => [stage, []]))
  for (const command of Object.values(subjects)) timed(command, place) // the bundle may have to be made first
  for (let run = 0; run < runs; run += 1) {
    for (const [name, command] of Object.entries(subjects)) (totals[name] ??= []).push(timed(command, place))
    for (const stage of STAGES) parts[stage]?.push(runProbed(stage, place))
    for (const stage of STAGES) calls[stage]?.push(runExplained(stage, place))
  }
  return { totals: mapped(totals, summary), parts: mapped(parts, medianParts), calls: mapped(calls, medianCalls) }
}

export const mapped = <From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))

export const stageTables = ({ totals, parts, calls }: StageFigures): string =>
  [
    `The stages from outside, in milliseconds\n\n${totalTable(totals, PEER)}`,
    `Where the time goes, in milliseconds\n\n${partTable(parts)}`,
    `Step by step, in microseconds: stage ${STAGES.at(-1)}\n\n${callTable(calls[STAGES.at(-1) ?? ''] ?? [])}`,
  ].join('\n\n')
