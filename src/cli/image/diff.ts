import { changesOf } from '../../engine/changes.ts'
import { Shelf } from '../../engine/kept.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'

// ts-unused-exports:disable-next-line
export const diff = command({
  usage: 'CONTAINER',
  about: 'A: added, C: changed, D: deleted.',
  options: { json: { about: 'as JSON, a line for each' } },
  words: [1, 1],
  run: async ({ json }, [word = '']) => {
    using stores = await openStores()
    for (const one of await changesOf(stores, new Shelf(stores.data).find(word)))
      print(json ? JSON.stringify(one) : `${one.kind} ${one.path}`)
  },
})
