import { resolveImage } from '../../image/find.ts'
import { historyOf } from '../../image/history.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'
import { ago, inBytes } from './quantities.ts'
import { tableOf } from './table.ts'

// ts-unused-exports:disable-next-line
export const history = command({
  usage: 'IMAGE',
  options: { 'no-trunc': { about: 'whole lines' }, json: { about: 'as JSON, a line for each' } },
  words: [1, 1],
  run: async ({ json, 'no-trunc': whole }, [word = '']) => {
    using stores = await openStores()
    const rows = historyOf(resolveImage(stores.store, imageNamed(stores, word).target)).reverse()
    if (json) for (const row of rows) print(JSON.stringify(row))
    else
      print(
        tableOf(
          ['CREATED', 'CREATED BY', 'SIZE', 'COMMENT'],
          rows.map(({ created, by, size, comment }) => [
            created === undefined ? '' : ago(new Date(created)),
            whole ? by : by.slice(0, 44),
            inBytes(size),
            comment,
          ]),
        ),
      )
  },
})
