import { stopSignalOf, stopKept } from '../../engine/stop.ts'
import { print } from '../../workshop/print.ts'
import { count } from '../runc/numbers.ts'
import { parseSignal } from '../runc/signal.ts'
import { command } from './command.ts'
import { forEachKept } from './kept.ts'

// ts-unused-exports:disable-next-line
export const stop = command({
  usage: 'CONTAINER …',
  about:
    'The signal is what the image says (STOPSIGNAL), or SIGTERM. A command that has no use for it is killed at once, any other when the time is up.',
  options: {
    time: { short: 't', value: 'SECONDS', about: 'how long to wait before it is killed (default: 10)' },
    signal: { short: 's', value: 'SIGNAL', about: 'another signal' },
  },
  words: [1, Infinity],
  run: ({ time, signal }, words) => {
    const patience = 1000 * (count('time', time ?? '10') ?? 10)
    return forEachKept(words, async (kept, shelf, stores) => {
      await stopKept(shelf, kept, parseSignal(signal ?? stopSignalOf(stores, kept)), patience)
      print(kept.name)
    })
  },
})
