import type { CommandModule } from 'yargs'
import { sweepAndSay } from '../workshop/preliminaries.ts'
import { print } from '../workshop/print.ts'

export const sweepCommand: CommandModule = {
  command: 'sweep',
  describe: 'remove what a killed boxwright has left',
  handler: () => {
    if (sweepAndSay().length === 0) print('Nothing is left of any box')
  },
}
