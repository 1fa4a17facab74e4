import { createReadStream } from 'node:fs'
import { isatty } from 'node:tty'
import { loadArchive } from '../../image/load.ts'
import { openStores } from '../../image/stores.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { print } from '../../workshop/print.ts'
import { aboutFile } from './about-file.ts'
import { command } from './command.ts'

// ts-unused-exports:disable-next-line
export const load = command({
  usage: '',
  about: 'An archive of boxwright save, docker save, podman save or skopeo copy; compressed or not.',
  options: {
    input: { short: 'i', value: 'FILE', about: 'the archive; otherwise it comes on standard input' },
    name: { value: 'NAME', about: 'of the image, instead of the one in the archive' },
    quiet: { short: 'q', about: 'print nothing but names' },
  },
  words: [0, 0],
  run: async ({ input, name, quiet }) => {
    if (input === undefined && isatty(0))
      throw new Complaint('Cannot load: standard input is a terminal\n  Name the archive: boxwright load -i FILE')
    using stores = await openStores()
    const archive = input === undefined ? process.stdin : createReadStream(input)
    const images = await loadArchive(stores.store, archive, name).catch(aboutFile(`load "${input ?? '-'}"`))
    for (const image of images) print(quiet ? image.name : `Loaded image: ${image.name}`)
  },
})
