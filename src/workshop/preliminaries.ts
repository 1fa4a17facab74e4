/** What every command that makes a box does first. */
import { sweep, type Swept } from '../launch/ledger.ts'
import '../network/answers.ts'
import { Complaint } from './complaint.ts'
import { say } from './say.ts'

export function requireRoot(): void {
  if (process.geteuid?.() === 0) return
  throw new Complaint('Cannot build a box without root: run it again with sudo (without root is lesson 6)')
}

/** Finishes the work of launchers that died, and says what there was to do. */
export function sweepAndSay(): Swept[] {
  const swept = sweep()
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
