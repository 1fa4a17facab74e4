/** What every command that makes a box does first. */
import { byFfi } from '../kernel/host.ts'
import { sweep, type Swept } from '../launch/ledger.ts'
import '../network/answers.ts'
import { say } from './say.ts'
import { runAsRoot } from './without-root.ts'

/**
 * Settles what others have left, and returns as root: of the machine, or of a user namespace in which this command is then started again.
 * @param quiet where output has to be exact.
 */
export async function prepare(quiet = false): Promise<void> {
  sweepAndSay()
  const status = await runAsRoot(quiet)
  if (status === undefined) return
  sweepAndSay()
  process.exit(status)
}

/** Finishes the work of launchers that died, and says what there was to do. */
export function sweepAndSay(): Swept[] {
  const swept = sweep(byFfi)
  for (const one of swept) say(sentence(one))
  return swept
}

function sentence({ id, processes, mounts, undone }: Swept): string {
  const found = [
    ...(processes ? [`ended ${processes} of its processes`] : []),
    ...mounts.map((mountPoint) => `unmounted ${mountPoint}`),
    ...undone.map((path) => `removed ${path}`),
  ]
  return `box ${id} was left by a boxwright that died: ${found.join(', ') || 'only its record, now removed'}`
}
