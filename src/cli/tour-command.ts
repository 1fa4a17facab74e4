import type { CommandModule } from 'yargs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { prepare } from '../workshop/preliminaries.ts'
import type { Stage } from '../workshop/stage.ts'
import { tour } from '../workshop/tour.ts'

export const tourCommand = (stages: readonly Stage[], finish: (status: number) => void): CommandModule => ({
  command: 'tour',
  describe: 'see every stage, from both sides',
  handler: async () => {
    await prepare()
    finish(await tour(stages, ensureBase(imageDirectory()).path))
  },
})
