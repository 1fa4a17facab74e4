/** `boxwright registry tags NAME` */
import type { CommandModule } from 'yargs'
import { listTags } from '../../registry/tags.ts'
import { print } from '../../workshop/print.ts'
import { asked, named, type NamedArguments } from './asked.ts'

export const tagsCommand: CommandModule<object, NamedArguments> = {
  command: 'tags <name>',
  describe: 'the tags of a repository',
  builder: (yargs) => named(yargs, 'registry.example/team/app'),
  handler: (wanted) =>
    asked(wanted, async (repository) => {
      for (const tag of await listTags(repository)) print(tag)
    }),
}
