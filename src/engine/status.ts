/** How a container of an image is: the runtime says, and what is kept of it. */
import { isAtWork, isElsewhere } from '../content/owner.ts'
import { load, NoContainer } from '../runtime/container.ts'
import { usualSettings } from '../runtime/settings.ts'
import type { Kept, Shelf } from './kept.ts'

// #region status
/** `dead`: it has ended, and nobody was there to see how. */
export type KeptStatus = 'created' | 'running' | 'paused' | 'exited' | 'dead'

/** The runtime knows those that run; what it does not know has ended. Of one in another PID namespace there is only a sign of life. */
export function statusOf(shelf: Shelf, kept: Kept): KeptStatus {
  const running = isElsewhere(kept.maker)
    ? kept.exitCode === undefined && isAtWork(kept.maker, shelf.signOf(kept)) && 'running'
    : statusInRuntime(kept.id)
  if (running) return running
  if (kept.exitCode !== undefined) return 'exited'
  return kept.started === undefined ? 'created' : 'dead'
}

/** Its maker sees to it, or to its end. Of a maker in another PID namespace no more is known than that it has ended. */
export const isSeenTo = (shelf: Shelf, kept: Kept): boolean =>
  !(isElsewhere(kept.maker) && kept.exitCode !== undefined) && isAtWork(kept.maker, shelf.signOf(kept))

export const isRunning = (shelf: Shelf, kept: Kept): boolean => ['running', 'paused'].includes(statusOf(shelf, kept))

function statusInRuntime(id: string): 'running' | 'paused' | undefined {
  try {
    const { status } = load(usualSettings(), id)
    return status === 'stopped' ? undefined : status === 'paused' ? 'paused' : 'running'
  } catch (error) {
    if (error instanceof NoContainer) return undefined
    throw error
  }
}
// #endregion status
