/** Attack × stage: as a table that fits a terminal of 80 columns, and as data. */
import type { Outcome, Verdict } from './verdict.ts'

export interface Row {
  attack: string
  /** The lesson that closes it. */
  lesson: number
  /** By the stage's number. */
  verdicts: Record<string, Verdict>
  /** Why something was not seen. */
  reasons?: string[]
}

export function rowOf(
  { name, closedBy }: { name: string; closedBy: number },
  outcomes: ReadonlyMap<number, Outcome>,
): Row {
  const verdicts = [...outcomes].map(([stage, { verdict }]) => [stage, verdict])
  const reasons = [...outcomes.values()].flatMap(({ reason = [] }) => reason)
  return {
    attack: name,
    lesson: closedBy,
    verdicts: Object.fromEntries(verdicts) as Row['verdicts'],
    ...(reasons.length > 0 && { reasons: [...new Set(reasons)] }),
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
// #endregion matrix
