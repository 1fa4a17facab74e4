import type { CommandModule } from 'yargs'
import { openDesk } from '../workshop/desk/desk.ts'
import type { Check } from '../workshop/judge/check.ts'
import { nextHint } from '../workshop/judge/progress.ts'
import { print } from '../workshop/print.ts'
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { repository } from './repository.ts'

export const hintCommand = (
  stages: readonly Stage[],
  checks: readonly Check[],
): CommandModule<object, { n: string | undefined }> => ({
  command: 'hint [n]',
  describe: 'the next hint for the check that failed',
  builder: (yargs) => yargs.positional('n', { type: 'string', describe: 'a lesson; or the last that was judged' }),
  handler: ({ n }) => {
    const lesson = n === undefined ? undefined : stageNumbered(stages, n).lesson
    const { check, rung, rungs, text } = nextHint(openDesk(repository).directory, checks, lesson)
    print(`${check.title} – hint ${rung} of ${rungs}\n\n${text}`)
    if (rung < rungs) print('\nThe next one: boxwright hint')
  },
})
