import { createWriteStream, openSync, rmSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { saveArchive } from '../../image/save.ts'
import { openStores } from '../../image/stores.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { aboutFile } from './about-file.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'

// ts-unused-exports:disable-next-line
export const save = command({
  usage: 'IMAGE …',
  about: 'One archive, which is an OCI layout and what docker save has written as well.',
  options: { output: { short: 'o', value: 'FILE', about: 'otherwise to standard output' } },
  words: [1, Infinity],
  run: async ({ output }, names) => {
    if (output === undefined && isatty(1))
      throw new Complaint('Cannot save: standard output is a terminal\n  Name a file: boxwright save -o FILE IMAGE')
    using stores = await openStores()
    const images = names.map((name) => imageNamed(stores, name))
    const out = output === undefined ? process.stdout : opened(output)
    try {
      await saveArchive(stores.store, images, out)
    } catch (error) {
      if (output !== undefined) rmSync(output, { force: true })
      aboutFile(`save to "${output ?? '-'}"`)(error)
    }
  },
})

function opened(path: string): Writable {
  try {
    return createWriteStream('', { fd: openSync(path, 'w') })
  } catch (error) {
    return aboutFile(`save to "${path}"`)(error)
  }
}
