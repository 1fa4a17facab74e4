/** `boxwright registry`: one of our own, and what others have. */
import type { CommandModule } from 'yargs'
import { deleteCommand } from './registry/delete.ts'
import { referrersCommand } from './registry/referrers.ts'
import { serveCommand } from './registry/serve.ts'
import { tagsCommand } from './registry/tags.ts'

export const registryCommand = (finish: (status: number) => void): CommandModule => ({
  command: 'registry <action>',
  describe: 'a registry of one’s own, and what others have',
  builder: (yargs) =>
    yargs
      .command(serveCommand(finish))
      .command(tagsCommand)
      .command(referrersCommand)
      .command(deleteCommand)
      .demandCommand(1, 'say what to do: registry serve, tags, referrers, delete')
      .strict(),
  handler: () => {},
})
