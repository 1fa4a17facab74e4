/** One command of the runtime: what it takes, what is said of it, what it does. */
import type { Settings } from '../../runtime/settings.ts'
import type { Log } from './log.ts'
import type { Given, Options } from '../options/option.ts'
import type { Extent } from './options.ts'

export interface Command<O extends Options = Options> {
  /** The words after the options, for the help. */
  usage: string
  /** What the one line in the list of commands leaves open. */
  about?: string
  options: O
  extent?: Extent
  /** How many words follow the options: at least, and at most. */
  words: readonly [least: number, most: number]
  /** @returns the exit status, where it is not 0. */
  run(given: Given<O>, words: readonly string[], caller: Caller): unknown
}

export interface Caller {
  settings: Settings
  log: Log
  criu: string
}

/** For the compiler: what `run` is given follows from the options. */
export const command = <const O extends Options>(command: Command<O>): Command<O> => command

/** runC's words for it. */
export const CONTAINER = '<container-id>'
