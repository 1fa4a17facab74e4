/** `boxwright plan compile` and `plan show`: plans as files, for a launcher that needs nothing of ours. */
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { isatty } from 'node:tty'
import type { CommandModule } from 'yargs'
import { checkRootfs } from '../image/rootfs.ts'
import { writeAll } from '../kernel/file.ts'
import { readMachine } from '../kernel/machine.ts'
import type { Place } from '../oci/config.ts'
import { JsonError } from '../oci/json-exact.ts'
import { readJson } from '../oci/json.ts'
import { NotAConfig } from '../oci/rule.ts'
import { decode } from '../plan/decode.ts'
import { explain, explainJson } from '../plan/explain.ts'
import type { Plan } from '../plan/plan.ts'
import { compile, type Compiled } from '../workshop/compile/compile.ts'
import { Complaint } from '../workshop/complaint.ts'
import { print } from '../workshop/print.ts'
import { say } from '../workshop/say.ts'
import { wallBuildersOf, type Stage } from '../workshop/stage.ts'
import { boxNumbered } from '../workshop/stages.ts'

interface CompileArguments {
  spec: string
  stage: string | undefined
  rootfs: string | undefined
}

export const planCommand = (stages: readonly Stage[]): CommandModule => ({
  command: 'plan <action>',
  describe: 'a plan as a file: compile a config.json, or show one',
  builder: (yargs) =>
    yargs
      .command(compileCommand(stages))
      .command(showCommand)
      .demandCommand(1, 'say what to do: plan compile, plan show')
      .strict(),
  handler: () => {},
})

// #region compile
const compileCommand = (stages: readonly Stage[]): CommandModule<object, CompileArguments> => ({
  command: 'compile <spec>',
  describe: 'a config.json, or -, as bytes',
  builder: (yargs) =>
    yargs
      .positional('spec', { type: 'string', demandOption: true, describe: 'a config.json, or -' })
      .option('stage', { type: 'string', requiresArg: true, describe: 'whose walls: by number or name; or the last' })
      .option('rootfs', { type: 'string', requiresArg: true, describe: 'another root than the spec’s' }),
  handler: ({ spec: named, stage: number, rootfs }) => {
    const spec = fileFrom(named)
    if (isatty(1))
      throw new Complaint(
        'Cannot write a plan to a terminal: it is bytes\n  Write it to a file: boxwright plan compile … > box.plan',
      )
    const stage = boxNumbered(stages, number ?? wallBuildersOf(stages).at(-1)?.lesson)
    const compiled = understood(spec, () => compile(parse(spec), stage, placeOf(spec, rootfs), readMachine()))
    for (const note of notes(compiled, stage)) say(note)
    writeAll(1, compiled.bytes)
  },
})
// #endregion compile

function placeOf(spec: string, rootfs: string | undefined): Place {
  const directory = spec === '-' ? resolve('.') : dirname(resolve(spec))
  return {
    directory,
    cgroupsPath: `/boxwright-${basename(directory)}`,
    hostname: hostname(),
    ...(rootfs !== undefined && { rootfs: checkRootfs(rootfs) }),
  }
}

const parse = (file: string): unknown => readJson(read(file).toString())

/** What is wrong with a file, with its name. */
function understood<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof NotAConfig)) throw error
    throw new Complaint(
      `Cannot compile "${file}": ${error.message}\n  It should be an OCI config.json: runc spec writes one`,
      { cause: error },
    )
  }
}

/** What the spec asks for and does not get, and the other way round, is never silent. */
function notes({ unheeded, added, left }: Compiled, { lesson }: Stage): string[] {
  const stays = left.filter((path) => !existsSync(path))
  const lines = (all: readonly string[]): string => all.map((one) => `\n  ${one}`).join('')
  return [
    ...(unheeded.length > 0 ? [`stage ${lesson} has no wall for these, and leaves them out:${lines(unheeded)}`] : []),
    ...(added.length > 0
      ? [`stage ${lesson} makes namespaces that the spec does not ask for: ${added.join(', ')}`]
      : []),
    ...(stays.length > 0 ? [`launch leaves these behind, for you to remove:${lines(stays)}`] : []),
  ]
}

// #region show
const showCommand: CommandModule<object, { file: string; json: boolean }> = {
  command: 'show <file>',
  describe: 'bytes as the table of --explain',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'a plan, or - for standard input' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: ({ file, json }) => print((json ? explainJson : explain)(decoded(fileFrom(file)))),
}
// #endregion show

function decoded(file: string): Plan {
  const bytes = read(file)
  try {
    return decode(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Complaint(
      `Cannot show "${file}": ${error.message}\n  Make a plan with: boxwright plan compile config.json > box.plan`,
      { cause: error },
    )
  }
}

/** yargs takes a lone `-` for an option without a name. */
const fileFrom = (word: string): string => word || '-'

function read(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new Complaint(`Cannot read "${file}": ${(error as Error).message}\n  Name a file, or - for standard input`, {
      cause: error,
    })
  }
}
