import { tableOf } from './table.ts'
import { openStores } from '../../image/stores.ts'
import { listImages } from '../../image/list.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { ago, inBytes } from './quantities.ts'

// ts-unused-exports:disable-next-line
export const images = command({
  usage: '',
  options: {
    quiet: { short: 'q', about: 'only ids' },
    'no-trunc': { about: 'whole ids' },
    json: { about: 'as JSON, a line for each' },
  },
  words: [0, 0],
  run: async ({ quiet, json, 'no-trunc': whole }) => {
    using stores = await openStores()
    const all = listImages(stores.store)
    const idOf = ({ id }: { id: string }): string => (whole ? id : id.replace('sha256:', '').slice(0, 12))
    if (json) for (const one of all) print(JSON.stringify(one))
    else if (quiet) for (const id of new Set(all.map(idOf))) print(id)
    else
      print(
        tableOf(
          ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'],
          all.map((one) => [
            one.repository,
            one.tag,
            idOf(one),
            one.created === undefined ? '' : ago(new Date(one.created)),
            inBytes(one.size),
          ]),
        ),
      )
  },
})
