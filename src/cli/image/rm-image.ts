import { collectGarbage } from '../../image/collect.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'

// ts-unused-exports:disable-next-line
export const rmImage = command({
  usage: 'IMAGE …',
  about: 'What no other image has goes with the last name. What containers stand on stays until they are removed.',
  options: {},
  words: [1, Infinity],
  run: async (_, words) => {
    using stores = await openStores()
    for (const { name } of words.map((word) => imageNamed(stores, word))) {
      stores.store.images.remove(name)
      print(`Untagged: ${name}`)
    }
    for (const digest of collectGarbage(stores).blobs) print(`Deleted: ${digest}`)
  },
})
