import { commitKept } from '../../engine/commit.ts'
import { Shelf } from '../../engine/kept.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'

// ts-unused-exports:disable-next-line
export const commit = command({
  usage: 'CONTAINER [NAME]',
  about: 'What the container has written is a layer more. Volumes are not in it.',
  options: {
    author: { short: 'a', value: 'NAME', about: 'who made it' },
    message: { short: 'm', value: 'TEXT', about: 'what was done' },
  },
  words: [1, 2],
  run: async ({ author, message }, [word = '', name]) => {
    using stores = await openStores()
    const kept = new Shelf(stores.data).find(word)
    const wish = { ...(name !== undefined && { name }), ...(author && { author }), ...(message && { message }) }
    const image = await commitKept(stores, kept, wish)
    print(`${image.name}  ${image.target.digest}`)
  },
})
