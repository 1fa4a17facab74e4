import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CommandModule } from 'yargs'
import { Complaint } from '../workshop/complaint.ts'
import { print } from '../workshop/print.ts'
import { makeSite, writeSite } from '../workshop/site/site.ts'
import type { Stage } from '../workshop/stage.ts'
import { CUTS } from './lessons-command.ts'
import { repository } from './repository.ts'
import { workshopOf } from './workshop.ts'

/** For whoever publishes the workshop: not in the list of commands. */
export const siteCommand = (
  stages: readonly Stage[],
  finish: (status: number) => void,
): CommandModule<object, { out: string }> => ({
  command: 'site',
  describe: false,
  builder: (yargs) =>
    yargs.option('out', {
      type: 'string',
      requiresArg: true,
      default: join(repository, 'dist/site'),
      describe: 'where to',
    }),
  handler: async ({ out }) => {
    const directory = resolve(out)
    refuseForeign(directory)
    const { files, problems } = await makeSite({ repository, stages, workshop: workshopOf(stages), cuts: CUTS })
    writeSite(files, directory)
    print(
      [
        ...problems.map(({ path, line, message }) => `${path}:${line}  ${message}`),
        `${files.size} files: ${directory}/index.html`,
      ].join('\n'),
    )
    finish(problems.length === 0 ? 0 : 1)
  },
})

/** The directory is replaced whole, so it has to be a site, or empty, or not to be there. */
function refuseForeign(directory: string): void {
  const found = existsSync(directory) ? readdirSync(directory) : []
  if (found.length === 0 || existsSync(join(directory, 'assets/search-index.js'))) return
  throw new Complaint(
    `Cannot write the pages to "${directory}": there is something else\n  Name a directory that does not exist: --out DIR`,
  )
}
