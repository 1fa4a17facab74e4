import { state as stateOf, type State } from '../../runtime/state.ts'
import { command, CONTAINER } from './command.ts'
import { print } from '../../workshop/print.ts'

// ts-unused-exports:disable-next-line
export const state = command({
  usage: CONTAINER,
  options: {},
  words: [1, 1],
  run: (_, [id = ''], { settings }) => print(JSON.stringify(told(stateOf(settings, id)), null, 2)),
})

/** As runC has it: none are not told of. */
export const told = ({ annotations, owner, ...state }: State): object => ({
  ...state,
  ...(Object.keys(annotations).length > 0 && { annotations }),
  owner,
})
