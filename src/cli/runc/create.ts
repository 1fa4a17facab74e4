import { passSignals } from '../../launch/signals.ts'
import { create as createContainer } from '../../runtime/create.ts'
import { command, CONTAINER } from './command.ts'
import { MAKING, makingOf } from './making.ts'

// ts-unused-exports:disable-next-line
export const create = command({
  usage: CONTAINER,
  about: 'The container’s process waits behind all walls for "start", which lets it become the command of config.json.',
  options: MAKING,
  words: [1, 1],
  run: async (given, [id = ''], { settings }) => {
    const { status } = await passSignals((signals) => createContainer(settings, makingOf(given, id), signals))
    return status
  },
})
