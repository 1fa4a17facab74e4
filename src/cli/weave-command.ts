import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { print } from '../workshop/print.ts'
import { staleRecording } from '../workshop/attacks/stale.ts'
import { wallBuildersOf, type Stage } from '../workshop/stage.ts'
import { agree } from '../workshop/weave/agreed.ts'
import { check, fences, type Report } from '../workshop/weave/check.ts'
import { correct, outputsOf } from '../workshop/weave/consoles.ts'
import { readLessons } from '../workshop/weave/lesson.ts'
import { readDecks } from '../workshop/weave/page.ts'
import { markdown } from '../workshop/weave/markdown.ts'
import { weave, type WovenPage } from '../workshop/weave/weave.ts'
import { repository } from './repository.ts'
import { workshopOf } from './workshop.ts'

/** For whoever writes lessons: not in the list of commands. */
export const weaveCommand = (
  stages: readonly Stage[],
  finish: (status: number) => void,
): CommandModule<object, { check: boolean }> => ({
  command: 'weave',
  describe: false,
  builder: (yargs) =>
    yargs.option('check', { type: 'boolean', default: false, describe: 'change nothing, and say what is wrong' }),
  handler: async (options) => {
    const lessons = readLessons(repository)
    const all = (): WovenPage[] =>
      [...readLessons(repository), ...readDecks(repository)].map((page) => weave(repository, page, workshopOf(stages)))
    if (!options.check) await render(all(), all)
    const report = await check(repository, lessons, all())
    report.problems.push(
      ...staleRecording({ repository, stages: wallBuildersOf(stages), workshop: workshopOf(stages) }),
    )
    print(told(report))
    finish(report.problems.length === 0 ? 0 : 1)
  },
})

/** What the machine says goes into the pages, what they quote is agreed to, and each is written out whole. */
async function render(pages: readonly WovenPage[], again: () => WovenPage[]): Promise<void> {
  const outputs = process.geteuid?.() === 0 ? await outputsOf(repository, pages) : []
  for (const [n, page] of pages.entries()) if (outputs[n]) correct(repository, page, outputs[n])
  agree(repository, again())
  for (const name of ['lessons', 'slides']) mkdirSync(join(repository, 'dist', name), { recursive: true })
  for (const page of again())
    writeFileSync(join(repository, 'dist', page.page.path.replace('/lesson.md', '.md')), markdown(page))
}

function told({ problems, counts, notReplayed }: Report): string {
  return [
    ...problems.map(({ path, line, message }) => `${path}:${line}  ${message}`),
    ...(notReplayed === undefined ? [] : [`consoles were not replayed: ${notReplayed}`]),
    `${fences(counts)} fences: ${counts.quote} quotations, ${counts.console} consoles (${counts.command} commands), ` +
      `${counts.plan} plans, ${counts.diff} differences, ${share(counts)} % not run; ${problems.length} problems`,
  ].join('\n')
}

const share = (counts: Report['counts']): string => ((100 * counts['not run']) / Math.max(fences(counts), 1)).toFixed(1)
