/** What is judged where a lesson builds no wall: a program that is given verbs, whatever it is written in. Which verbs, its lesson says. */
import { join, resolve } from 'node:path'
import type { Exercise } from '../stage.ts'
import type { Arena } from './arena.ts'
import { ourStage } from './program.ts'

export interface Tool {
  /** The words by which it is started. @param act a verb, and what belongs to it: `unpack LAYOUT TARGET`. */
  words(act: readonly string[]): string[]
}

// #region tools
/** What a learner has written: a program is started as it is, a driver or a wall in our own. */
export function toolIn(file: string, exercise: Exercise, arena: Arena): Tool {
  switch (exercise) {
    case 'unpacker':
    case 'puller':
      return started([process.execPath, '--import', import.meta.resolve('tsx'), resolve(file)])
    case 'keeper':
      return started([...ourStage(11), '--driver', file])
    case 'runtime':
      return started([...ourStage(13), '--wall', file, ...rootOf(arena)])
    default:
      return exercise satisfies never
  }
}

/** Any other program, in any language. */
export const foreignTool = (words: readonly string[], exercise: Exercise, arena: Arena): Tool =>
  started(exercise === 'runtime' ? [...words, ...rootOf(arena)] : words)
// #endregion tools

const started = (words: readonly string[]): Tool => ({ words: (act) => [...words, ...act] })

/** Where a runtime keeps its containers. */
const rootOf = ({ directory }: Arena): string[] => ['--root', join(directory, 'containers')]
