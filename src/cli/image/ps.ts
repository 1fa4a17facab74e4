import { Shelf, type Kept } from '../../engine/kept.ts'
import { sweepKept } from '../../engine/remove.ts'
import { statusOf, type KeptStatus } from '../../engine/status.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { answerForKept } from './networks.ts'
import { ago } from './quantities.ts'
import { tableOf } from './table.ts'

// ts-unused-exports:disable-next-line
export const ps = command({
  usage: '',
  about: 'Containers that have ended stay until they are removed: what they have written is in them.',
  options: {
    all: { short: 'a', about: 'those that have ended as well (default)' },
    quiet: { short: 'q', about: 'only ids' },
    json: { about: 'as JSON, a line for each' },
  },
  words: [0, 0],
  run: async ({ quiet, json }) => {
    using stores = await openStores()
    const shelf = new Shelf(stores.data)
    await answerForKept(shelf)
    sweepKept(stores, shelf)
    const all = shelf.all().map((kept) => ({ ...kept, status: statusOf(shelf, kept) }))
    if (json) for (const one of all) print(JSON.stringify(one))
    else if (quiet) for (const { id } of all) print(id)
    else
      print(
        tableOf(
          ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'NAME'],
          all.map((one) => [
            one.id,
            one.image,
            one.args.join(' ').slice(0, 20),
            ago(new Date(one.created)),
            inWords(one),
            one.name,
          ]),
        ),
      )
  },
})

/** As Docker has it, in small letters. */
function inWords({ status, exitCode, started, ended }: Kept & { status: KeptStatus }): string {
  if (status === 'exited') return `exited (${exitCode}) ${ago(new Date(ended ?? 0))}`
  return status === 'running' ? `up ${ago(new Date(started ?? 0)).replace(/ ago$/, '')}` : status
}
