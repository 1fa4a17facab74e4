/** What could not be had here, of layers or of copies: it is left out, and said. */
import { say } from '../../workshop/say.ts'

/** As many as a person reads. */
const MOST = 10

export function sayLeftOut(all: readonly string[]): void {
  for (const what of all.slice(0, MOST)) say(`left out: ${what}`)
  if (all.length > MOST) say(`left out: ${all.length - MOST} more`)
}
