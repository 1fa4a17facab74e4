/** A wait for what nobody announces. */
import { setTimeout as sleep } from 'node:timers/promises'

/** The machine may be loaded: this is when to give up, and never what is tested. */
export const PATIENCE_MS = 180_000

/** Asks until there is an answer. A wait for an event that nobody announces. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const asked = performance.now()
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline)
      throw new Error(`Cannot wait any longer for ${what}: ${PATIENCE_MS / 1000} s have passed`)
    // Where asking takes long, as it does in the machine of test/v2, it would keep the only processor from what is waited for.
    await sleep(Math.max(5, 4 * (performance.now() - asked)))
  }
}
