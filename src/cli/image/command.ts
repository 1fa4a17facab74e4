/** One command about images and containers: its options, its words, and what it does. */
import type { Given, Options } from '../options/option.ts'

export interface Command<O extends Options = Options> {
  /** The words after the options, for the help. */
  usage: string
  /** A sentence, or an example or two. */
  about?: string
  options: O
  /** What follows the first word is another program's. */
  first?: true
  /** How many words follow the options: at least, and at most. */
  words: readonly [least: number, most: number]
  /** It makes a mess of nobody's terminal to say that we are root of a user namespace: not said. */
  quiet?: true
  /** With these options something goes on when it has come to its end: without root nothing does. */
  leaves?: (given: Given<O>) => boolean
  /** @returns the exit status, where it is not 0. */
  run(given: Given<O>, words: readonly string[]): unknown
}

/** For the compiler: what `run` is given follows from the options. */
export const command = <const O extends Options>(one: Command<O>): Command<O> => one
