/** The end of what is left of a container when no process of it runs: its cgroups, and what is known of it. Mounts of its own went with its last process. */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { ERRNO } from '../kernel/error.ts'
import { hasCode } from '../kernel/error-code.ts'
import { isAlive } from '../kernel/proc.ts'
import { removeCgroup } from '../kernel/cgroup-remove.ts'
import { addon } from '../launch/addon.ts'
import { runHooks } from './hooks.ts'
import { removeDirectory } from './directory.ts'
import { interrupt } from './interrupt.ts'
import type { Container } from './container.ts'
import { signalFirst } from './kill.ts'
import { detachMounts } from './mounts.ts'

// #region destroy
/** The directory goes last: as long as it is there, somebody can begin again. */
export function destroy(container: Container): void {
  if (container.state.pid === 0) interrupt(container)
  endFirst(container)
  detachMounts(container.state)
  for (const directory of container.state.cgroups) removeCgroup(directory)
  for (const directory of container.state.parents) removeEmpty(directory)
  try {
    runHooks(container, 'poststop')
  } finally {
    removeDirectory(dirname(container.directory), container.state.id)
  }
}

/** Somebody else may be in it by now. */
function removeEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory)
  } catch (error) {
    if (!hasCode(error, 'EBUSY', 'ENOENT', 'ENOTEMPTY')) throw error
  }
}
// #endregion destroy

const PATIENCE_MS = 10_000

/** @throws Error when it outlives SIGKILL by ten seconds. */
function endFirst(container: Container): void {
  const { first } = container
  if (!first || !isAlive(first)) return
  const end = watch(first.pid)
  const deadline = Date.now() + PATIENCE_MS
  try {
    if (isAlive(first)) signalFirst(container, 9) // watched, it is still the same
    while (isAlive(first) && Date.now() < deadline) addon().readable(end, PATIENCE_MS)
  } finally {
    if (end >= 0) fs.closeSync(end)
  }
  if (isAlive(first))
    throw new Error(
      `Cannot end container "${container.state.id}": its process ${first.pid} outlives SIGKILL\n  See what it waits for: cat /proc/${first.pid}/stack`,
    )
}

/** Of a process that has just ended there is nothing to watch, and -1 is a descriptor of nothing: poll(2). */
function watch(pid: number): number {
  try {
    return addon().watch(pid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno !== -(ERRNO['ESRCH'] ?? 0)) throw error
    return -1
  }
}
