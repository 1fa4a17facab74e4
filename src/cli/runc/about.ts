/** The help and the version: nobody waits for them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { print } from '../../workshop/print.ts'
import { repository } from '../repository.ts'
import type { Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { GLOBALS, PROGRAM } from './globals.ts'
import { help } from '../options/help.ts'

/** @returns the exit status. */
// ts-unused-exports:disable-next-line
export function about(asked: { name: string; command: Command } | undefined): number {
  print(asked ? helpOf(asked.name, asked.command) : helpOfAll())
  return 0
}

export const helpOf = (name: string, { usage, about, options }: Command): string =>
  help({
    usage: `${PROGRAM} [global options] ${name} [options] ${usage}`.trim(),
    about: [sentence(COMMANDS[name]?.about ?? ''), ...(about === undefined ? [] : [about])].join('\n\n'),
    options,
  })

export const helpOfAll = (): string =>
  help({
    usage: `${PROGRAM} [global options] COMMAND [options] [ARGUMENT …]`,
    about:
      'The container runtime of Boxwright: a bundle, which is a directory with a config.json and a root file system, becomes a container. It takes what runC takes, and does what runC does.',
    options: GLOBALS,
    commands: Object.entries(COMMANDS).map(([name, { about }]) => [name, about]),
  })

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** go-runc, Podman and Docker read these lines. @returns the exit status. */
// ts-unused-exports:disable-next-line
export function version(): number {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }
  print(`${PROGRAM} version ${version}\nspec: ${SPEC}\n${engine()}`)
  return 0
}

/** Bun calls itself a Node as well. */
const engine = (): string =>
  process.versions['bun'] === undefined ? `node: ${process.version}` : `bun: v${process.versions['bun']}`

/** The runtime specification's version. */
const SPEC = '1.3.0'
