/** What the commands about images are for: the same help as the runtime's, from the same kind of tables. */
import { print } from '../../workshop/print.ts'
import { help } from '../options/help.ts'
import type { Command } from './command.ts'
import type { Options } from '../options/option.ts'

export const HELP = { help: { about: 'print this' } } as const satisfies Options

// #region help
/** @returns the exit status. */
export function helpOf({ usage, about = '', options }: Command, program: string): number {
  print(help({ usage: `${program} [options] ${usage}`.trim(), about, options: { ...options, ...HELP } }))
  return 0
}

export function listOf(program: string, commands: Readonly<Record<string, { about: string }>>): number {
  const rows = Object.entries(commands).map(([name, { about }]) => [name, about] as const)
  print(
    help({
      usage: `${program} COMMAND [options] …`,
      about: 'Images: a root file system in layers, and what to run in it.',
      options: HELP,
      commands: rows,
    }),
  )
  return 0
}
// #endregion help
