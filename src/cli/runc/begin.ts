/** The way of the process `boxwright-runc`, whichever engine it is. */
import { main } from './main.ts'

/** Warnings come in a turn of their own: process.emitWarning(). */
export const begin = (words: readonly string[]): void =>
  void main(words).then((status) => setImmediate(() => process.exit(status)))
