import { fullName } from '../../image/find.ts'
import { openStores } from '../../image/stores.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'

// ts-unused-exports:disable-next-line
export const tag = command({
  usage: 'IMAGE NAME',
  options: {},
  words: [2, 2],
  run: async (_, [word = '', name = '']) => {
    using stores = await openStores()
    const { target, labels } = imageNamed(stores, word)
    stores.store.images.put(fullName(name), target, labels)
  },
})
