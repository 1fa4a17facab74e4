/** `boxwright stage 13 create …`: the runtime, with a learner's wall in the place of ours. Its command line is runC's. */
import { putInto, type Stage } from '../workshop/stage.ts'
import { loadWall } from '../workshop/wall-file.ts'
import { complain } from './complain.ts'
import { main } from './runc/main.ts'
import { isStarted } from './stage.ts'

/** Makes the stage's file a program of its own. */
export function stageOfBundles(meta: ImportMeta, stage: Stage): Stage {
  if (isStarted(meta)) bundleStage(process.argv.slice(2)).then((status) => process.exit(status), complain)
  return stage
}

/** @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function bundleStage(argv: readonly string[]): Promise<number> {
  if (argv[0] !== '--wall') return main(argv)
  const wall = await loadWall(argv[1] ?? '')
  return main(argv.slice(2), (walls) => putInto(walls, wall, 13))
}
