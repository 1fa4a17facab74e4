/** `events`: what a container uses, again and again, and when its memory has run out. The words are runC's. */
import { setTimeout as sleep } from 'node:timers/promises'
import { load, type Container } from './container.ts'
import type { Settings } from './settings.ts'
import type { Stats } from './figures.ts'
import { outOfMemory, statsOf } from './stats.ts'

export type Event = { type: 'stats'; id: string; data: Stats } | { type: 'oom'; id: string }

/** There is no one file to wait for that every version has: the counter is looked at so often. */
const LOOK_MS = 100

// #region events
/** Ends with the container. @throws Error when it does not run. */
export async function* events(
  settings: Pick<Settings, 'root'>,
  id: string,
  { milliseconds = 5000, once = false }: { milliseconds?: number; once?: boolean } = {},
): AsyncGenerator<Event> {
  const container = load(settings, id)
  const { cgroups } = container.state
  refuseStopped(container)
  if (once) {
    yield { type: 'stats', id, data: statsOf(cgroups) }
    return
  }
  let before = outOfMemory(cgroups)
  let next = performance.now() + milliseconds
  for (let over = false; !over;) {
    await sleep(Math.max(1, Math.min(LOOK_MS, next - performance.now())))
    over = isOver(container) // asked first: what ended it has been counted by then
    const now = outOfMemory(cgroups)
    if (now.kills > before.kills || (now.waits && !before.waits)) yield { type: 'oom', id }
    before = now
    if (over || performance.now() < next) continue
    next += milliseconds
    yield { type: 'stats', id, data: statsOf(cgroups) }
  }
}
// #endregion events

const isOver = ({ status }: Container): boolean => status === 'stopped'

function refuseStopped(container: Container): void {
  const { id } = container.state
  if (!isOver(container)) return
  throw new Error(
    `Cannot watch container "${id}": container with id ${id} is not running\n  Start it first, or see which do run: boxwright-runc list`,
  )
}
