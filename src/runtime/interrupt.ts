/**
 * A container is to go, and somebody is still making it. Whoever was killed while they made it may not be gone yet, and their launcher dies with them
 * and not before: until then it goes on with its list of steps.
 */
import { isEnding, wordsOf } from '../kernel/ending.ts'
import { allPids } from '../kernel/proc.ts'
import { signalProcess } from '../kernel/signal.ts'
import { sleep } from '../kernel/sleep.ts'
import type { Container } from './container.ts'

const PATIENCE_MS = 10_000

// #region interrupt
/** Nothing more of it is made from here on: a creator who lives finds the launcher dead, and gives up. @throws Error when that takes ten seconds. */
export function interrupt(container: Container): void {
  const { creator, id } = container.state
  if (creator.pid === process.pid) return
  const deadline = Date.now() + PATIENCE_MS
  for (let patience = 0.1; isEnding(creator) || endLaunchers(container); patience = Math.min(2 * patience, 20)) {
    if (Date.now() > deadline)
      throw new Error(
        `Cannot delete container "${id}": process ${creator.pid}, which makes it, or its launcher outlives SIGKILL\n  See what it waits for: cat /proc/${creator.pid}/stack`,
      )
    sleep(patience)
  }
}
// #endregion interrupt

/** A launcher is known by the file in which it is to note the box's number. @returns whether there was one. */
function endLaunchers(container: Container): boolean {
  const launchers = allPids().filter((pid) => wordsOf(pid).includes(container.path('pid')))
  for (const pid of launchers) signalProcess(pid, 'SIGKILL')
  return launchers.length > 0
}
