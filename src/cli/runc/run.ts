import { run as runContainer } from '../../runtime/run.ts'
import { command, CONTAINER } from './command.ts'
import { MAKING, makingOf } from './making.ts'

// ts-unused-exports:disable-next-line
export const run = command({
  usage: CONTAINER,
  about: 'It ends with the exit status of the command, or with 128 and the number of the signal that has ended it.',
  options: {
    ...MAKING,
    detach: { short: 'd', about: 'do not wait for its end' },
    keep: { about: 'do not delete it at its end' },
    'no-subreaper': { about: 'for runC’s callers: nothing is reaped here but the container' },
  },
  words: [1, 1],
  run: (given, [id = ''], { settings }) =>
    runContainer(settings, {
      ...makingOf(given, id),
      ...(given.detach !== undefined && { detach: given.detach }),
      ...(given.keep !== undefined && { keep: given.keep }),
    }),
})
