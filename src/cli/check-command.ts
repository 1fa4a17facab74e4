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
import type { Check } from '../workshop/judge/check.ts'
import { judge } from '../workshop/judge/judge.ts'
import { foreign, withWallOf, type Program } from '../workshop/judge/program.ts'
import { isWhole, remember } from '../workshop/judge/progress.ts'
import { report, reportJson } from '../workshop/judge/report.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { print } from '../workshop/say.ts'
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
        'A program of yours, in any language, is started as\n  PROGRAM run [--memory BYTES] [--pids N] [--cpus X] ROOTFS COMMAND [ARGUMENT …]\nwith limits at lesson 4. It ends with the exit status of the command.',
      ),
  handler: async (given) => {
    const stage = stageNumbered(stages, given.n)
    const file = given['--'] ? undefined : wallFile(stage, given.wall)
    if (given.watch && file === undefined) throw new Complaint('Cannot watch a program: only a wall, which is one file')
    await prepare(given.json)
    using arena = new Arena(ensureBase(imageDirectory()).path)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
    const program = file === undefined ? foreign(given['--'] ?? []) : withWallOf(file, relative('', file))
    do finish(await judgeOnce(stage, program, checks, given, arena))
    while (given.watch && file !== undefined && (await saved(file)))
  },
})

function wallFile(stage: Stage, given: string | undefined): string {
  const file = given ?? fileOf(openDesk(repository), directoryOf(stage))
  if (existsSync(file)) return file
  const remedy = given === undefined ? `Begin the lesson first: boxwright begin ${stage.lesson}` : 'Name a file'
  throw new Complaint(`Cannot judge "${relative('', file)}": there is no such file\n  ${remedy}`)
}

/** @returns the exit status. */
async function judgeOnce(
  { lesson }: Stage,
  program: Program,
  checks: readonly Check[],
  { json }: Arguments,
  arena: Arena,
): Promise<number> {
  const grades = await judge(program, checks, lesson, arena)
  remember(openDesk(repository).directory, lesson, grades)
  print((json ? reportJson : report)({ lesson, program: program.name, grades }))
  return isWhole(grades) ? 0 : 1
}

/** Editors write in several goes, or put another file in its place: the directory tells of both, and the dust has to settle. */
async function saved(file: string): Promise<boolean> {
  print(`\nWaiting for ${relative('', file)} to be saved (Ctrl-C ends this)`)
  await new Promise<void>((resolve) => {
    const watcher = watch(dirname(file), (_, name) => {
      if (name !== basename(file)) return
      watcher.close()
      resolve()
    })
  })
  await passed(100)
  return true
}
