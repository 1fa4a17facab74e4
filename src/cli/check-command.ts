/** `boxwright check N`: the judge, for a learner's wall or for any program. */
import { existsSync, watch } from 'node:fs'
import { basename, dirname, relative } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import type { CommandModule } from 'yargs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { Complaint } from '../workshop/complaint.ts'
import { fileOf, openDesk } from '../workshop/desk/desk.ts'
import { Arena } from '../workshop/judge/arena.ts'
import type { Check, Grade } from '../workshop/judge/check.ts'
import { judge, judgeTool } from '../workshop/judge/judge.ts'
import { foreign, withWallOf } from '../workshop/judge/program.ts'
import { isWhole, remember } from '../workshop/judge/progress.ts'
import { report, reportJson } from '../workshop/judge/report.ts'
import { foreignTool, toolIn } from '../workshop/judge/tool.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { print } from '../workshop/print.ts'
import { directoryOf, type Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { repository } from './repository.ts'

interface Arguments {
  n: string
  wall: string | undefined
  watch: boolean
  json: boolean
  '--'?: string[]
}

type Finish = (status: number) => void

export const checkCommand = (
  stages: readonly Stage[],
  checks: readonly Check[],
  finish: Finish,
): CommandModule<object, Arguments> => ({
  command: 'check <n>',
  describe: 'judge your wall, or a program: check N -- ./mybox',
  builder: (yargs) =>
    yargs
      .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'parse-positional-numbers': false })
      .positional('n', { type: 'string', demandOption: true, describe: 'a lesson, by number or name' })
      .option('wall', { type: 'string', requiresArg: true, describe: 'judge this file, not the one in work/' })
      .option('watch', { type: 'boolean', default: false, describe: 'again each time that the file is saved' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' })
      .epilogue(
        'A program of yours, in any language, is started as\n  PROGRAM run [--memory BYTES] [--pids N] [--cpus X] ROOTFS COMMAND [ARGUMENT …]\nwith limits at lesson 4. It ends with the exit status of the command.\nAt lesson 9 it is PROGRAM unpack LAYOUT TARGET, at lesson 10 PROGRAM pull REFERENCE LAYOUT, at lesson 11\n  PROGRAM import STORE NAME DIRECTORY, prepare STORE KEY PARENT, commit STORE NAME KEY, run STORE KEY COMMAND …',
      ),
  handler: async (given) => {
    const stage = stageNumbered(stages, given.n)
    const file = given['--'] ? undefined : wallFile(stage, given.wall)
    if (given.watch && file === undefined) throw new Complaint('Cannot watch a program: only a wall, which is one file')
    await prepare(given.json)
    using arena = new Arena(ensureBase(imageDirectory()).path)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
    const grades = (): Promise<Grade[]> => gradesOf(stage, file, given['--'] ?? [], checks, arena)
    const program = file === undefined ? (given['--'] ?? []).join(' ') : relative('', file)
    do finish(tell(stage, program, await grades(), given.json))
    while (given.watch && file !== undefined && (await saved(file)))
  },
})

function wallFile(stage: Stage, given: string | undefined): string {
  const file = given ?? fileOf(openDesk(repository), directoryOf(stage))
  if (existsSync(file)) return file
  const remedy = given === undefined ? `Begin the lesson first: boxwright begin ${stage.lesson}` : 'Name a file'
  throw new Complaint(`Cannot judge "${relative('', file)}": there is no such file\n  ${remedy}`)
}

/** @param file of the learner's; without one it is a program that is judged. */
function gradesOf(
  { lesson, exercise }: Stage,
  file: string | undefined,
  words: readonly string[],
  checks: readonly Check[],
  arena: Arena,
): Promise<Grade[]> {
  if (exercise === undefined)
    return judge(file === undefined ? foreign(words) : withWallOf(file), checks, lesson, arena)
  const tool = file === undefined ? foreignTool(words, exercise, arena) : toolIn(file, exercise, arena)
  return judgeTool(tool, exercise, checks, arena)
}

/** @returns the exit status. */
function tell({ lesson }: Stage, program: string, grades: readonly Grade[], json: boolean): number {
  remember(openDesk(repository).directory, lesson, grades)
  print((json ? reportJson : report)({ lesson, program, grades }))
  return isWhole(grades) ? 0 : 1
}

/** Editors write in several goes, or put another file in its place: the directory tells of both, and the dust has to settle. */
async function saved(file: string): Promise<boolean> {
  await new Promise<void>((resolve) => {
    const watcher = watch(dirname(file), (_, name) => {
      if (name !== basename(file)) return
      watcher.close()
      resolve()
    })
    print(`\nWaiting for ${relative('', file)} to be saved (Ctrl-C ends this)`) // whoever reads that may save at once
  })
  await passed(100)
  return true
}
