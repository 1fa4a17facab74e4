/** `boxwright-runc`: runC's command line, and the runtime behind it. Started for each single act, so it loads what that act needs. */
import { Complaint, isForPeople, unfold } from '../../workshop/complaint.ts'
import type { Settings } from '../../runtime/settings.ts'
import type { Caller, Command } from './command.ts'
import { explainBy } from '../../runtime/explain.ts'
import { COMMANDS } from './commands.ts'
import { GLOBALS, logOf, PROGRAM, settingsOf } from './globals.ts'
import { tell, type Log } from './log.ts'
import type { Options } from '../options/option.ts'
import { readOptions } from './options.ts'

const UNTOLD: Log = { file: undefined, format: 'text', debug: false }

// #region main
/** @param change of the list of walls. @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function main(argv: readonly string[], change?: Settings['change']): Promise<number> {
  let log = UNTOLD
  let name: string | undefined
  try {
    const { given, words } = readOptions(GLOBALS, argv, 'first', PROGRAM)
    log = logOf(given)
    warnIn(log)
    name = words[0]
    if (given.version) return (await import('./about.ts')).version()
    if (given.help || name === undefined || name === 'help' || name === 'h') return await about(words[1])
    const settings = { ...settingsOf(given), ...(change && { change }), ...(log.debug && { debug: debugIn(log) }) }
    return await perform(name, words.slice(1), { settings, log, criu: given.criu ?? 'criu' })
  } catch (error) {
    for (const one of unfold(error)) tell(log, 'error', wordsFor(one, name ?? 'do'))
    return name === 'exec' ? FAILED_EXEC : 1
  }
}
// #endregion main

/** What the runtime warns of is a line of the log; Node's own way to tell it goes. */
function warnIn(log: Log): void {
  process.removeAllListeners('warning').on('warning', ({ message }) => tell(log, 'warning', message))
}

const debugIn =
  (log: Log) =>
  (words: string): void =>
    tell(log, 'debug', words)

/** As runC's, so that it is told from the command's own. */
const FAILED_EXEC = 255

async function perform(name: string, argv: readonly string[], caller: Caller): Promise<number> {
  const command = await commandNamed(name)
  const program = `${PROGRAM} ${name}`
  const { given, words } = readOptions({ ...command.options, ...HELP }, argv, command.extent ?? 'anywhere', program)
  if (given.help) return about(name)
  requireWords(command, words, program)
  explainBy(async (...asked) => (await import('../../workshop/explain/words.ts')).wordsOf(...asked))
  const status = await command.run(given, words, caller)
  return typeof status === 'number' ? status : 0
}

const HELP = { help: GLOBALS.help } satisfies Options

const about = async (name: string | undefined): Promise<number> =>
  (await import('./about.ts')).about(name === undefined ? undefined : { name, command: await commandNamed(name) })

function commandNamed(name: string): Promise<Command> {
  const listed = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (listed) return listed.load()
  throw new Complaint(`Cannot do "${name}": there is no such command\n  See: ${PROGRAM} --help`)
}

function requireWords({ words: [least, most], usage }: Command, { length }: readonly string[], program: string): void {
  if (length >= least && length <= most) return
  const fact =
    length < least
      ? `${least} ${least === 1 ? 'word is' : 'words are'} wanted after the options`
      : 'there are too many words'
  throw new Complaint(
    `Cannot read "${program}": ${fact}, and there are ${length}\n  Usage: ${program} [options] ${usage}`,
  )
}

/** What the kernel has refused is told by its step. A fault of our own is told with its place. */
function wordsFor(error: unknown, verb: string): string {
  if (isForPeople(error)) return error.message
  if (error instanceof Error && ['Failure', 'StepFailed'].includes(error.name))
    return `Cannot ${verb} the container: ${error.message}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
