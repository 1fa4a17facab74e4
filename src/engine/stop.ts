/** A container is ended, or its end is waited for. Whoever waits for it, its maker or its monitor, has seen to everything when it has ended itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isElsewhere } from '../content/owner.ts'
import { resolveImage } from '../image/find.ts'
import type { Stores } from '../image/stores.ts'
import { hearingOf } from '../kernel/signal.ts'
import { load } from '../runtime/container.ts'
import { kill, SIGKILL } from '../runtime/kill.ts'
import { usualSettings } from '../runtime/settings.ts'
import type { Kept, Shelf } from './kept.ts'
import { isRunning, isSeenTo } from './status.ts'

// #region kill
/** @throws Error when it does not run. */
export function killKept(shelf: Shelf, kept: Kept, signal: number): void {
  requireRunning(shelf, kept, `send signal ${signal} to`)
  kill(usualSettings(), kept.id, signal)
}

/** @throws Error when it does not run, or not where we can see it. */
export function requireRunning(shelf: Shelf, kept: Kept, what: string): void {
  const refuse = (fact: string, remedy: string): Error =>
    new Error(`Cannot ${what} container "${kept.name}": ${fact}\n  ${remedy}`)
  if (!isRunning(shelf, kept)) throw refuse('it does not run', `Start it: boxwright start ${kept.name}`)
  if (isElsewhere(kept.maker))
    throw refuse(
      'it runs in another PID namespace, as every container does without root',
      'End it where it was started',
    )
}
// #endregion kill

// #region stop
export const stopSignalOf = ({ store }: Stores, { target }: Kept): string =>
  resolveImage(store, target).config.config?.StopSignal ?? 'TERM'

/** @param patience in milliseconds. A first process that has no use for the signal would never hear it: pid_namespaces(7). */
export async function stopKept(shelf: Shelf, kept: Kept, signal: number, patience: number): Promise<void> {
  if (isRunning(shelf, kept)) {
    requireRunning(shelf, kept, 'stop')
    const pid = load(usualSettings(), kept.id).first?.pid
    const inVain = pid === undefined || hearingOf(pid, signal) === 'unheard'
    if (!inVain) kill(usualSettings(), kept.id, signal)
    const deadline = Date.now() + (inVain ? 0 : patience)
    while (Date.now() < deadline && isRunning(shelf, kept)) await sleep(20)
    if (isRunning(shelf, kept)) kill(usualSettings(), kept.id, SIGKILL)
  }
  await waitFor(shelf, kept)
}
// #endregion stop

// #region wait
/** @returns its exit status; none when nobody knows it. */
export async function waitFor(shelf: Shelf, kept: Kept): Promise<number | undefined> {
  let now = kept
  while (isRunning(shelf, now) || isSeenTo(shelf, now)) {
    await sleep(20)
    now = shelf.again(kept) ?? now
  }
  return shelf.again(kept)?.exitCode ?? now.exitCode
}
// #endregion wait
