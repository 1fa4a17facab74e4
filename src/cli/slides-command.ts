import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { print } from '../workshop/print.ts'
import { writePdf, writeSlides } from '../workshop/slides/slides.ts'
import type { Stage } from '../workshop/stage.ts'
import { readDecks } from '../workshop/weave/page.ts'
import { weave } from '../workshop/weave/weave.ts'
import { repository } from './repository.ts'
import { workshopOf } from './workshop.ts'

interface Arguments {
  out: string
  pdf: boolean
}

/** For whoever speaks: not in the list of commands. */
export const slidesCommand = (stages: readonly Stage[]): CommandModule<object, Arguments> => ({
  command: 'slides',
  describe: false,
  builder: (yargs) =>
    yargs
      .option('out', { type: 'string', default: join(repository, 'dist/slides'), describe: 'the folder to write' })
      .option('pdf', { type: 'boolean', default: false, describe: 'print each deck as well' }),
  handler: async ({ out, pdf }) => {
    const pages = readDecks(repository).map((page) => weave(repository, page, workshopOf(stages)))
    const decks = await writeSlides(repository, pages, out)
    for (const { name, slides, minutes } of decks)
      print(`${join(out, name)}.html  ${slides.length} slides, ${minutes} minutes`)
    if (pdf) for (const path of await writePdf(out, decks)) print(path)
  },
})
