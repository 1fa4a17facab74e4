import { start as startContainer } from '../../runtime/start.ts'
import { withWords } from './why.ts'
import { command, CONTAINER } from './command.ts'

// ts-unused-exports:disable-next-line
export const start = command({
  usage: CONTAINER,
  about: 'It fails when the command cannot be started, and says why.',
  options: {},
  words: [1, 1],
  run: async (_, [id = ''], { settings }) => {
    try {
      startContainer(settings, id)
    } catch (error) {
      throw await withWords(error, settings, id)
    }
  },
})
