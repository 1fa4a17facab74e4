/** `boxwright run`, `boxwright pull` and all else that is about images. No lesson is loaded for it: they bring what these do without. */
import { Complaint } from '../../workshop/complaint.ts'
import type { Command } from './command.ts'
import { COMMANDS, IMAGE_COMMANDS } from './commands.ts'
import { HELP, helpOf, listOf } from './help.ts'
import { nearest } from './nearest.ts'
import { readWords } from './words.ts'

// #region main
/** @returns the exit status. @throws Complaint */
// ts-unused-exports:disable-next-line
export async function imageMain([verb = '', ...rest]: readonly string[]): Promise<number> {
  if (verb !== 'image') return perform(await named(COMMANDS, verb, 'boxwright'), rest, `boxwright ${verb}`)
  const [name = '--help', ...words] = rest
  if (name === '--help' || name === '-h') return listOf('boxwright image', IMAGE_COMMANDS)
  return perform(await named(IMAGE_COMMANDS, name, 'boxwright image'), words, `boxwright image ${name}`)
}

async function perform(command: Command, argv: readonly string[], program: string): Promise<number> {
  const { given, words } = readWords({ ...command.options, ...HELP }, argv, program, command.first)
  if (given.help) return helpOf(command, program)
  requireWords(command, words, program)
  if (command.leaves?.(given)) requireRoot(program)
  await becomeRoot(command.quiet === true)
  const status = await command.run(given, words)
  return typeof status === 'number' ? status : 0
}
// #endregion main

/** What is started in a user namespace of ours ends with it. @throws Complaint */
function requireRoot(program: string): void {
  if (process.geteuid?.() === 0) return
  throw new Complaint(
    `Cannot leave a container alone by "${program}": without root it ends with the command that has started it\n  Wait for it, in the background of your shell perhaps: boxwright run … &`,
  )
}

/** Without root it is all done once more, in a user namespace: what that takes is loaded for nobody else. */
async function becomeRoot(quiet: boolean): Promise<void> {
  if (process.geteuid?.() === 0) return
  const { runAsRoot } = await import('../../workshop/without-root.ts')
  const status = await runAsRoot(quiet)
  if (status !== undefined) process.exit(status)
}

async function named(commands: typeof COMMANDS, name: string, program: string): Promise<Command> {
  const listed = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (listed) return listed.load()
  const meant = nearest(name, Object.keys(commands))
  throw new Complaint(
    `Cannot do "${program} ${name}": there is no such command\n  ${meant === undefined ? `See: ${program} --help` : `Did you mean ${program} ${meant}?`}`,
  )
}

function requireWords({ words: [least, most], usage }: Command, { length }: readonly string[], program: string): void {
  if (length >= least && length <= most) return
  const missing = least - length
  const fact =
    missing > 0 ? `${missing === 1 ? 'a word is' : `${missing} words are`} missing` : 'there are too many words'
  throw new Complaint(`Cannot read "${program}": ${fact}\n  Usage: ${program} [options] ${usage}`)
}
