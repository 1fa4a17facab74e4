import { spawnSync } from 'node:child_process'
import type { CommandModule } from 'yargs'
import { readPassport } from '../workshop/passport.ts'
import { forTerminal, passportForTerminal } from '../workshop/read/terminal.ts'
import { print } from '../workshop/print.ts'
import { colour } from '../workshop/say.ts'
import { directoryOf, type Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { readLesson } from '../workshop/weave/lesson.ts'
import { weave } from '../workshop/weave/weave.ts'
import { repository } from './repository.ts'
import { workshopOf } from './workshop.ts'

export const lessonCommand = (stages: readonly Stage[]): CommandModule<object, { n: string }> => ({
  command: 'lesson <n>',
  describe: 'read a lesson here',
  builder: (yargs) =>
    yargs.positional('n', { type: 'string', demandOption: true, describe: 'a lesson, by number or name' }),
  handler: ({ n }) => {
    const stage = stageNumbered(stages, n)
    const lesson = readLesson(repository, directoryOf(stage))
    const { teaching, exercises } = lesson.minutes
    const head = colour('dim', `${teaching} minutes to read, ${exercises} for the exercise`)
    const body = forTerminal(weave(repository, lesson, workshopOf(stages)))
    page([head, body, passportForTerminal(readPassport(repository), lesson.number)].join('\n\n'))
  },
})

/** Through a pager on a terminal, as man(1) does. Without one, or into a pipe: straight out. */
function page(text: string): void {
  if (process.stdout.isTTY) {
    const [command = 'less', ...args] = (process.env['PAGER'] ?? 'less -RFX').split(' ')
    const { error } = spawnSync(command, args, { input: `${text}\n`, stdio: ['pipe', 'inherit', 'inherit'] })
    if (!error) return
  }
  print(text)
}
