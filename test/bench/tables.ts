/** Figures as text, for a terminal of 80 columns. */
import type { CallTimes } from './calls.ts'
import type { Parts } from './parts.ts'
import type { Summary } from './summary.ts'
import { STAGES } from './subjects.ts'

/** @param beside what the others are divided by. */
export function totalTable(totals: Record<string, Summary>, beside: string, digits = 1): string {
  const peer = totals[beside]?.median ?? NaN
  const rows = Object.entries(totals).map(([name, { least, median, most }]) =>
    row(
      name,
      [least, median, most].map((figure) => figure.toFixed(digits)),
      `${(median / peer).toFixed(digits)} ×`,
    ),
  )
  return [row('', ['least', 'median', '90 %'], `÷ ${beside}`), ...rows].join('\n')
}

const row = (name: string, figures: string[], last: string): string =>
  `${name.padEnd(20)}${figures.map((figure) => figure.padStart(10)).join('')}${last.padStart(22)}`

export function partTable(parts: Record<string, Parts>): string {
  const stages = STAGES.map((stage) => parts[stage] ?? {})
  const line = (name: string, figures: string[]): string =>
    `${name.padEnd(42)}${figures.map((figure) => figure.padStart(9)).join('')}`
  const sum = (one: Parts): number => Object.values(one).reduce((all, time) => all + time, 0)
  const names = Object.keys(stages[0] ?? {})
  return [
    line(
      '',
      STAGES.map((stage) => `stage ${stage}`),
    ),
    ...names.map((name) =>
      line(
        name,
        stages.map((one) => tenths(one[name] ?? NaN)),
      ),
    ),
    line(
      'together',
      stages.map((one) => tenths(sum(one))),
    ),
  ].join('\n')
}

export function callTable(calls: readonly CallTimes[]): string {
  const rows = calls.map(
    ({ step, lane, text, microseconds }) =>
      `${String(step).padStart(2)}  ${lane.padEnd(4)}  ${shorten(text).padEnd(62)}${Math.round(microseconds).toString().padStart(8)}`,
  )
  const total = calls.reduce((sum, { microseconds }) => sum + microseconds, 0)
  return [...rows, `${'together'.padEnd(70)}${Math.round(total).toString().padStart(8)}`].join('\n')
}

const shorten = (text: string): string => (text.length > 61 ? `${text.slice(0, 60)}…` : text)

const tenths = (figure: number): string => figure.toFixed(1)
