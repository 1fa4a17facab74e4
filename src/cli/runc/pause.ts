import { pause as pauseContainer, resume as resumeContainer } from '../../runtime/pause.ts'
import { command, CONTAINER } from './command.ts'

// ts-unused-exports:disable-next-line
export const pause = command({
  usage: CONTAINER,
  about: 'They stand still, wherever they are, until it is resumed.',
  options: {},
  words: [1, 1],
  run: (_, [id = ''], { settings }) => pauseContainer(settings, id),
})

// ts-unused-exports:disable-next-line
export const resume = command({
  usage: CONTAINER,
  options: {},
  words: [1, 1],
  run: (_, [id = ''], { settings }) => resumeContainer(settings, id),
})
