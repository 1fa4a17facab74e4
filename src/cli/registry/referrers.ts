/** `boxwright registry referrers NAME`: signatures, lists of what is in it, whatever else has the image as its subject. */
import type { CommandModule } from 'yargs'
import { getManifest } from '../../registry/manifests.ts'
import { listReferrers } from '../../registry/referrers.ts'
import { print } from '../../workshop/print.ts'
import { asked, named, type NamedArguments } from './asked.ts'

interface Arguments extends NamedArguments {
  type: string | undefined
}

export const referrersCommand: CommandModule<object, Arguments> = {
  command: 'referrers <name>',
  describe: 'what refers to an image',
  builder: (yargs) =>
    named(yargs, 'registry.example/team/app:1.2').option('type', {
      type: 'string',
      requiresArg: true,
      describe: 'only of this kind',
    }),
  handler: ({ type, ...wanted }) =>
    asked(wanted, async (repository, { digest, tag = 'latest' }) => {
      const subject = digest ?? (await getManifest(repository, tag)).descriptor.digest
      for (const one of await listReferrers(repository, subject, type))
        print(`${one.digest} ${one.artifactType ?? one.mediaType}`)
    }),
}
