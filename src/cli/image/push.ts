import { pushImage } from '../../image/pull.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'
import { progress, PROGRESS } from './progress.ts'

// ts-unused-exports:disable-next-line
export const push = command({
  usage: 'IMAGE [NAME]',
  about: 'To where its name says, or to another name: boxwright push app registry.example/team/app:1.2',
  options: { insecure: { about: 'plain HTTP will do, and a certificate that nobody vouches for' }, ...PROGRESS },
  words: [1, 2],
  run: async ({ insecure, ...told }, [word = '', as]) => {
    using stores = await openStores()
    const image = imageNamed(stores, word)
    const name = as ?? image.name
    await pushImage(stores.store, image, name, { onEvent: progress(told), ...(insecure && { insecure }) })
    if (!told.json) print(told.quiet ? name : `${name}  ${image.target.digest}`)
  },
})
