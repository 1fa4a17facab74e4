import { BASE_NAME, imageOfHost } from '../../image/from-host.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'

// ts-unused-exports:disable-next-line
export const fromHost = command({
  usage: '[NAME]',
  about: `A shell and its tools, as an image; without a name it is ${BASE_NAME}.`,
  options: {},
  words: [0, 1],
  run: async (_, [name]) => {
    using stores = await openStores()
    const image = await imageOfHost(stores.store, name)
    print(`${image.name}  ${image.target.digest}`)
  },
})
