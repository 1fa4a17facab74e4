import { waitFor } from '../../engine/stop.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { forEachKept } from './kept.ts'

// ts-unused-exports:disable-next-line
export const wait = command({
  usage: 'CONTAINER …',
  about: 'Prints the exit status of each; "dead" where nobody was there to see it.',
  options: {},
  words: [1, Infinity],
  run: (_, words) => forEachKept(words, async (kept, shelf) => print(String((await waitFor(shelf, kept)) ?? 'dead'))),
})
