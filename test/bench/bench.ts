/**
 * `npm run bench`: how long a box takes, beside the nearest thing that every Linux has, and where the time goes. It measures and judges nothing:
 * a machine that others work on gives other figures, and no test has one as its condition. docs/performance.md has figures, and what they mean.
 */
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { medianCalls, runExplained, type CallTimes } from './calls.ts'
import { medianParts, runProbed, type Parts } from './parts.ts'
import { BARE, natives } from './natives.ts'
import { openPlace, PEER, STAGES, timed, yardsticks, type Place } from './subjects.ts'
import { summary, type Summary } from './summary.ts'
import { callTable, partTable, totalTable } from './tables.ts'

export interface Report {
  machine: string
  date: string
  runs: number
  /** Milliseconds from outside, by what was run. */
  totals: Record<string, Summary>
  /** The same, of what needs no Node. */
  natives: Record<string, Summary>
  /** Milliseconds, for each stage. */
  parts: Record<string, Parts>
  /** Microseconds of each step, for each stage. */
  calls: Record<string, CallTimes[]>
}

function main(): void {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, json: { type: 'boolean' } } })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1)
    throw new RangeError(`Cannot make "${values.runs}" runs: a number, from 1 on`)
  if (process.geteuid?.() !== 0) throw new Error('Cannot measure a box without root: run it again with sudo')
  using place = openPlace()
  const report = measure(place, runs)
  console.log(values.json ? JSON.stringify(report, null, 2) : written(report))
}

/** One of each, then one of each again: what disturbs the machine meanwhile disturbs all of them. */
function measure(place: Place, runs: number): Report {
  const [subjects, small] = [yardsticks(place), natives(place)]
  const [totals, smallTotals] = [subjects, small].map((commands) => {
    for (const command of Object.values(commands)) timed(command, place) // the bundle may have to be made first
    return Object.fromEntries(Object.keys(commands).map((name) => [name, [] as number[]]))
  }) as [Record<string, number[]>, Record<string, number[]>]
  const parts: Record<string, Parts[]> = Object.fromEntries(STAGES.map((stage) => [stage, []]))
  const calls: Record<string, CallTimes[][]> = Object.fromEntries(STAGES.map((stage) => [stage, []]))
  for (let run = 0; run < runs; run += 1) {
    for (const [name, command] of Object.entries(subjects)) totals[name]?.push(timed(command, place))
    for (let n = 0; n < 5; n += 1)
      for (const [name, command] of Object.entries(small)) smallTotals[name]?.push(timed(command, place))
    for (const stage of STAGES) parts[stage]?.push(runProbed(stage, place))
    for (const stage of STAGES) calls[stage]?.push(runExplained(stage, place))
  }
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    runs,
    totals: mapped(totals, summary),
    natives: mapped(smallTotals, summary),
    parts: mapped(parts, medianParts),
    calls: mapped(calls, medianCalls),
  }
}

const mapped = <From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))

const written = (report: Report): string =>
  [
    `${report.machine}\n${report.date}, medians of ${report.runs} runs each, one of each in turn`,
    `From outside, in milliseconds\n\n${totalTable(report.totals, PEER)}`,
    `From outside, in milliseconds, five times as many runs: without Node\n\n${totalTable(report.natives, BARE)}`,
    `Where the time goes, in milliseconds\n\n${partTable(report.parts)}`,
    `Step by step, in microseconds: stage ${STAGES.at(-1)}\n\n${callTable(report.calls[STAGES.at(-1) ?? ''] ?? [])}`,
  ].join('\n\n')

main()
