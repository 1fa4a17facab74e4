import { deleteContainer } from '../../runtime/delete.ts'
import { command, CONTAINER } from './command.ts'
import { named, NAMES } from './named.ts'

// ts-unused-exports:disable-next-line
export const del = command({
  usage: CONTAINER,
  options: {
    force: { short: 'f', about: 'kill it when it still runs; one that is not there is as good as deleted' },
    ...NAMES,
  },
  words: [1, 1],
  run: ({ force = false, regex = false }, [word = ''], { settings }) => {
    for (const id of named(settings, word, regex)) deleteContainer(settings, id, { force })
  },
})
