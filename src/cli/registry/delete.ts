/** `boxwright registry delete NAME`: a tag, or by a digest what it stands for. */
import type { CommandModule } from 'yargs'
import { deleteBlob, deleteManifest } from '../../registry/delete.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { asked, named, type NamedArguments } from './asked.ts'

interface Arguments extends NamedArguments {
  blob: boolean
}

export const deleteCommand: CommandModule<object, Arguments> = {
  command: 'delete <name>',
  describe: 'a tag; a manifest and all its tags',
  builder: (yargs) =>
    named(yargs, 'registry.example/team/app:1.2, or …@sha256:…').option('blob', {
      type: 'boolean',
      default: false,
      describe: 'the digest is a blob’s',
    }),
  handler: ({ blob, ...wanted }) =>
    asked(wanted, (repository, { digest, tag }) => {
      if (blob && digest) return deleteBlob(repository, digest)
      if (digest ?? tag) return deleteManifest(repository, digest ?? tag ?? '')
      throw new Complaint(
        `Cannot delete "${wanted.name}": it names no tag and no digest\n  Say which: ${wanted.name}:latest`,
      )
    }),
}
