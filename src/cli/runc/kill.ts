import { kill as killContainer } from '../../runtime/kill.ts'
import { command } from './command.ts'
import { named, NAMES } from './named.ts'
import { parseSignal } from './signal.ts'

// ts-unused-exports:disable-next-line
export const kill = command({
  usage: '<container-id> [signal]',
  about: 'The signal is a name or a number: TERM (that is what is sent when there is none), SIGKILL, 9, RTMIN+1.',
  options: { all: { short: 'a', about: 'send it to every process in the container' }, ...NAMES },
  words: [1, 2],
  run: ({ all = false, regex = false }, [word = '', signal = 'TERM'], { settings }) => {
    const number = parseSignal(signal)
    for (const id of named(settings, word, regex)) killContainer(settings, id, number, { all })
  },
})
