import { existsSync } from 'node:fs'
import { Shelf } from '../../engine/kept.ts'
import { logsOf } from '../../engine/logs.ts'
import { openStores } from '../../image/stores.ts'
import { writeAll } from '../../kernel/file.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'

// ts-unused-exports:disable-next-line
export const logs = command({
  usage: 'CONTAINER',
  about: 'What a container has said that was left alone: run -d, start.',
  options: {
    follow: { short: 'f', about: 'and what it says from here on, to its end' },
    timestamps: { short: 't', about: 'with the time of each line' },
  },
  words: [1, 1],
  run: async ({ follow = false, timestamps = false }, [word = '']) => {
    using stores = await openStores()
    const shelf = new Shelf(stores.data)
    const kept = shelf.find(word)
    if (!existsSync(shelf.log(kept.id)))
      throw new Complaint(
        `Cannot read what container "${kept.name}" has said: somebody was there and has heard it\n  What is kept is what it says when it is left alone: boxwright run -d`,
      )
    for await (const { time, stream, text } of logsOf(shelf, kept, follow))
      writeAll(stream === 'stdout' ? 1 : 2, Buffer.from(timestamps ? `${time} ${text}` : text, 'latin1'))
  },
})
