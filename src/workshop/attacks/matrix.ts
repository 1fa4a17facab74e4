/** Attack × stage: as a table that fits a terminal of 80 columns, and as data. */
import type { Outcome, Verdict } from './verdict.ts'

export interface Row {
  attack: string
  story: string
  /** The lesson that closes it. */
  lesson: number
  /** By the stage's number. */
  verdicts: Record<string, Verdict>
  /** Why something was not seen, by the stage's number; and what the kernel refused. */
  unseen?: Record<string, string>
  refused?: Record<string, string>
}

export function rowOf(
  { name, story, closedBy }: { name: string; story: string; closedBy: number },
  outcomes: ReadonlyMap<number, Outcome>,
): Row {
  const entries = [...outcomes]
  const unseen = entries.flatMap(([stage, { reason }]) =>
    reason === undefined ? [] : [[stage, reason] as const],
  )
  const refused = entries.flatMap(([stage, { refused }]) =>
    refused === undefined ? [] : [[stage, refused] as const],
  )
  return {
    attack: name,
    story,
    lesson: closedBy,
    verdicts: Object.fromEntries(
      entries.map(([stage, { verdict }]) => [stage, verdict]),
    ),
    ...(unseen.length > 0 && { unseen: Object.fromEntries(unseen) }),
    ...(refused.length > 0 && { refused: Object.fromEntries(refused) }),
  }
}

type Paint = (verdict: Verdict) => string

const NAME = 18
const CELL = 'unseen '.length

// #region matrix
export const head = (stages: readonly number[]): string =>
  `stage${' '.repeat(NAME - 5)}${stages.map((stage) => String(stage).padEnd(CELL)).join('')}`.trimEnd()

/** @param paint gives a verdict its colour. */
export function line({ attack, verdicts }: Row, paint: Paint): string {
  const cells = Object.values(verdicts).map(
    (verdict) => paint(verdict) + ' '.repeat(CELL - verdict.length),
  )
  return `${attack.padEnd(NAME)}${cells.join('')}`.trimEnd()
}

/** All of them, one below the other. */
export const written = (rows: readonly Row[]): string =>
  [
    head(Object.keys(rows[0]?.verdicts ?? {}).map(Number)),
    ...rows.map((row) => line(row, (verdict) => verdict)),
  ].join('\n')
// #endregion matrix
