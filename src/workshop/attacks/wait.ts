/** For what the kernel does in its own time. */
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 2000

/** @returns whether it has come true before our patience ended. */
export async function eventually(isTrue: () => boolean): Promise<boolean> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    if (isTrue()) return true
    await sleep(20)
  }
  return false
}
