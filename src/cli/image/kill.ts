import { killKept } from '../../engine/stop.ts'
import { print } from '../../workshop/print.ts'
import { parseSignal } from '../runc/signal.ts'
import { command } from './command.ts'
import { forEachKept } from './kept.ts'

// ts-unused-exports:disable-next-line
export const kill = command({
  usage: 'CONTAINER …',
  options: { signal: { short: 's', value: 'SIGNAL', about: 'which one: a name or a number (default: KILL)' } },
  words: [1, Infinity],
  run: ({ signal = 'KILL' }, words) => {
    const number = parseSignal(signal)
    return forEachKept(words, (kept, shelf) => {
      killKept(shelf, kept, number)
      print(kept.name)
    })
  },
})
