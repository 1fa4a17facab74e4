import type { Kept, Shelf } from '../../engine/kept.ts'
import { removeKept, sweepKept } from '../../engine/remove.ts'
import { isRunning } from '../../engine/status.ts'
import { killKept, waitFor } from '../../engine/stop.ts'
import { takeTurn } from '../../engine/turn.ts'
import type { Stores } from '../../image/stores.ts'
import { SIGKILL } from '../../runtime/kill.ts'
import { print } from '../../workshop/print.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'
import { forEachKept } from './kept.ts'

// ts-unused-exports:disable-next-line
export const rm = command({
  usage: 'CONTAINER …',
  options: { force: { short: 'f', about: 'one that runs as well: it is ended' } },
  words: [1, Infinity],
  run: ({ force = false }, words) =>
    forEachKept(words, (kept, shelf, stores) => removed(stores, shelf, kept, force), sweepKept),
})

async function removed(stores: Stores, shelf: Shelf, kept: Kept, force: boolean): Promise<void> {
  if (isRunning(shelf, kept)) {
    if (!force)
      throw new Complaint(
        `Cannot remove container "${kept.name}": it runs\n  Stop it first: boxwright stop ${kept.name}. Or do both: boxwright rm --force ${kept.name}`,
      )
    killKept(shelf, kept, SIGKILL)
  }
  await waitFor(shelf, kept)
  using turn = await takeTurn(stores, shelf, kept)
  const left = turn && shelf.again(kept)
  if (left) removeKept(stores, shelf, left)
  print(kept.name)
}
