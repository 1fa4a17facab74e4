/** Everything that can be said against the lessons and slides, and how much of them was looked at. */
import { deckProblems } from '../slides/deck.ts'
import { changedSince } from './agreed.ts'
import { coverageProblems } from './coverage.ts'
import { consoleProblems, outputsOf } from './consoles.ts'
import type { Lesson } from './lesson.ts'
import type { Problem, Woven, WovenPage } from './weave.ts'

/** At most so many of a hundred fences may be labelled "not run". */
const MOST_NOT_RUN = 5

export interface Report {
  problems: Problem[]
  counts: Record<Woven['kind'] | 'command', number>
  /** Why no console was replayed, when none was. */
  notReplayed?: string
}

// #region check
/** @param pages lessons and slides, woven. */
export async function check(
  repository: string,
  lessons: readonly Lesson[],
  pages: readonly WovenPage[],
): Promise<Report> {
  const notReplayed = process.geteuid?.() === 0 ? {} : { notReplayed: 'boxes want root' }
  const outputs = 'notReplayed' in notReplayed ? undefined : await outputsOf(repository, pages)
  const counts = count(pages)
  const problems = [
    ...pages.flatMap((page) => page.problems),
    ...changedSince(repository, pages),
    ...coverageProblems(
      repository,
      lessons,
      pages.filter(({ page }) => page.path.startsWith('lessons/')),
    ),
    ...pages.flatMap((page, n) => (outputs ? consoleProblems(page, outputs[n] ?? []) : [])),
    ...pages.filter(({ page }) => page.path.startsWith('slides/')).flatMap(deckProblems),
    ...tooManyNotRun(counts),
  ]
  return { problems, counts, ...notReplayed }
}
// #endregion check

function count(pages: readonly WovenPage[]): Report['counts'] {
  const blocks = pages.flatMap((page) => page.blocks)
  const of = (kind: Woven['kind']): number => blocks.filter((block) => block.kind === kind).length
  const commands = blocks.flatMap((block) => (block.kind === 'console' ? block.exchanges : []))
  return {
    prose: of('prose'),
    quote: of('quote'),
    console: of('console'),
    plan: of('plan'),
    diff: of('diff'),
    matrix: of('matrix'),
    'not run': of('not run'),
    command: commands.length,
  }
}

export const fences = ({ quote, console, plan, diff, matrix, ...counts }: Report['counts']): number =>
  quote + console + plan + diff + matrix + counts['not run']

function tooManyNotRun(counts: Report['counts']): Problem[] {
  const share = (100 * counts['not run']) / Math.max(fences(counts), 1)
  if (share <= MOST_NOT_RUN) return []
  return [
    {
      path: 'lessons',
      line: 1,
      message: `${share.toFixed(1)} % of all fences are labelled "not run", more than ${MOST_NOT_RUN} %`,
    },
  ]
}
