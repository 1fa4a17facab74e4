/** How far a learner has come: which check failed last, and how many rungs of its ladder of hints have been opened. Kept on the desk. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from '../complaint.ts'
import { isJudged, score, type Check, type Grade } from './check.ts'

interface Progress {
  /** The lesson that was judged last. */
  lesson?: number
  /** By lesson, the check that failed first; none when all passed. */
  failed: Record<string, string>
  /** By check, how many hints have been given. */
  opened: Record<string, number>
}

const fileIn = (desk: string): string => join(desk, '.progress.json')

function read(desk: string): Progress {
  const nothing = { failed: {}, opened: {} }
  if (!existsSync(fileIn(desk))) return nothing
  try {
    return { ...nothing, ...(JSON.parse(readFileSync(fileIn(desk), 'utf8')) as Partial<Progress>) }
  } catch (cause) {
    throw new Complaint(
      `Cannot read "${fileIn(desk)}": it is damaged\n  Delete it: it only says which hints you have seen`,
      {
        cause,
      },
    )
  }
}

function write(desk: string, progress: Progress): void {
  mkdirSync(desk, { recursive: true })
  writeFileSync(fileIn(desk), `${JSON.stringify(progress, null, 2)}\n`)
}

/** After a trial. A check that has passed starts its ladder anew, should it ever fail again. */
export function remember(desk: string, lesson: number, grades: readonly Grade[]): void {
  const { failed, opened } = read(desk)
  const first = grades.find(({ verdict }) => verdict === 'failed')?.check.id
  const passed = grades.filter(({ verdict }) => verdict === 'passed').map(({ check }) => check.id)
  const { [String(lesson)]: _, ...others } = failed
  write(desk, {
    lesson,
    failed: first === undefined ? others : { ...others, [lesson]: first },
    opened: Object.fromEntries(Object.entries(opened).filter(([id]) => !passed.includes(id))),
  })
}

export interface Hint {
  check: Check
  /** From 1. */
  rung: number
  rungs: number
  text: string
}

// #region hint
/** Opens the next rung for the check that failed first; the last one stays open. @param lesson that which was judged last, when left out. */
export function nextHint(desk: string, checks: readonly Check[], lesson?: number): Hint {
  const progress = read(desk)
  const judged = lesson ?? progress.lesson
  const check = checks.find(({ id }) => id === progress.failed[String(judged)])
  if (!check || judged === undefined) throw nothingToHint(judged)
  const rung = Math.min((progress.opened[check.id] ?? 0) + 1, check.hints.length)
  write(desk, { ...progress, opened: { ...progress.opened, [check.id]: rung } })
  return { check, rung, rungs: check.hints.length, text: check.hints[rung - 1] ?? '' }
}
// #endregion hint

const nothingToHint = (lesson: number | undefined): Complaint =>
  new Complaint(
    `Cannot give a hint${lesson === undefined ? '' : ` for lesson ${lesson}`}: no check has failed that you have not passed since\n  Be judged first: boxwright check ${lesson ?? 1}`,
  )

/** All that was judged has passed, and something of the lesson itself was judged. */
export const isWhole = (grades: readonly Grade[]): boolean => {
  const { passed, total } = score(grades)
  return passed === total && isJudged(grades)
}
