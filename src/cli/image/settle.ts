import { sweepOne } from '../../engine/remove.ts'
import { command } from './command.ts'
import { forEachKept } from './kept.ts'

// ts-unused-exports:disable-next-line
export const settle = command({
  usage: 'CONTAINER …',
  about:
    'Its network, its cgroups, and all of it if it was to go with its end. The monitor of a container that was left alone becomes this.',
  options: {},
  words: [1, Infinity],
  run: (_, words) => forEachKept(words, (kept, shelf, stores) => sweepOne(stores, shelf, kept)),
})
