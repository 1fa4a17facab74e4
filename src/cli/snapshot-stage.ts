/** A stage whose boxes stand on snapshots. What its commands need is loaded when it is started. */
import type { Stage } from '../workshop/stage.ts'
import { complain } from './complain.ts'
import { isStarted } from './stage.ts'

/** Makes the stage's file a program of its own. */
export function stageOfSnapshots(meta: ImportMeta, stage: Stage): Stage {
  if (isStarted(meta)) snapshotStage(stage, process.argv.slice(2)).then((status) => process.exit(status), complain)
  return stage
}

/** @returns the exit status. */
export async function snapshotStage(stage: Stage, argv: readonly string[]): Promise<number> {
  return (await import('./snapshot-commands.ts')).snapshotCommand(stage, argv)
}
