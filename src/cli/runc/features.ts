import { features as featuresOf } from '../../runtime/features.ts'
import { command } from './command.ts'
import { print } from '../../workshop/print.ts'

// ts-unused-exports:disable-next-line
export const features = command({
  usage: '',
  about: 'As the runtime specification has it: features.md.',
  options: {},
  words: [0, 0],
  run: () => print(JSON.stringify(featuresOf(), null, 2)),
})
