/** Makes a stage's file a program of its own. */
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Stage } from '../workshop/stage.ts'
import { complain } from './complain.ts'
import { stageCommand } from './stage-command.ts'

/** The stage runs when its file is what was started, and not when another file imports it. */
export function stage(meta: ImportMeta, stage: Stage): Stage {
  if (isStarted(meta)) stageCommand(stage, process.argv.slice(2)).then((status) => process.exit(status), complain)
  return stage
}

/** Only as TypeScript: in the bundle all stages are one file. */
export function isStarted({ url }: ImportMeta): boolean {
  const [, started] = process.argv
  return url.endsWith('/stage.ts') && started !== undefined && realpathSync(started) === fileURLToPath(url)
}
