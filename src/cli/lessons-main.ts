/** Everything of `boxwright` that is about lessons. Each of its commands is a file. */
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { stages } from './all-stages.ts'
import { snapshotStage } from './snapshot-stage.ts'
import { stageCommand } from './stage-command.ts'

// #region lessons
/** @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function lessonsMain(argv: readonly string[]): Promise<number> {
  const [verb, number, ...rest] = argv
  // What follows a command that is run in a box is not ours to parse.
  if (verb === 'stage' && number !== '--help') return runStage(stageNumbered(stages, number), rest)
  return (await import('./commands.ts')).runCommand(stages, argv)
}
// #endregion lessons

async function runStage(stage: Stage, words: readonly string[]): Promise<number> {
  if (stage.exercise === 'runtime') return (await import('./bundle-stage.ts')).bundleStage(words)
  if (stage.exercise === 'keeper') return snapshotStage(stage, words)
  return stageCommand(stage, words)
}
