import { startKept } from '../../engine/start.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { emptyInput } from './input.ts'
import { forEachKept } from './kept.ts'
import { answerForNetworks } from './networks.ts'
import { refusedAs } from './refused.ts'

// ts-unused-exports:disable-next-line
export const start = command({
  usage: 'CONTAINER …',
  about: 'The same command again, on what it has written.',
  options: {
    attach: { short: 'a', about: 'wait for it, as run does: its output, its exit status' },
    interactive: { short: 'i', about: 'and keep standard input open' },
  },
  words: [1, Infinity],
  leaves: ({ attach, interactive }) => !attach && !interactive,
  run: async ({ attach = false, interactive = false }, words) => {
    const waits = attach || interactive
    if (waits && words.length > 1)
      throw new Complaint('Cannot wait for several containers: there is one terminal\n  Start them without -a and -i')
    await answerForNetworks()
    if (waits && !interactive) emptyInput()
    let status = 0
    await forEachKept(words, async (kept, shelf, stores) => {
      status = await refusedAs(`start container "${kept.name}"`, () => startKept(stores, shelf, kept, waits))
      if (!waits) print(kept.name)
    })
    return status
  },
})
