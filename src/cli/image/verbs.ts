/** Which of `boxwright`'s words are about images and containers. */
import { COMMANDS } from './commands.ts'

export const isAboutImages = (verb: string | undefined): boolean =>
  verb !== undefined && (verb === 'image' || Object.hasOwn(COMMANDS, verb))
