/** Who lives in a container's cgroups: one directory a hierarchy, and all that the container has made below them. cgroups(7). */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from './error-code.ts'
import { freeze, isFrozen, thaw } from './cgroup-freezer.ts'
import { signalProcess } from './signal.ts'

// #region processes
/** Somebody may have moved in one hierarchy and stayed in another, so all of them are read. Those of another PID namespace cannot be named. */
export function processesIn(cgroups: readonly string[]): number[] {
  const pids = cgroups.flatMap(withChildren).flatMap(membersOf)
  return [...new Set(pids)].filter((pid) => pid !== 0).sort((one, other) => one - other)
}

/** A directory and all below it, the lowest first; none when it is gone. */
function withChildren(directory: string): string[] {
  try {
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return [...below.flatMap(({ name }) => withChildren(join(directory, name))), directory]
  } catch {
    return []
  }
}

/** cgroups(7): a process of another PID namespace is listed as 0. A threaded cgroup lists none: they are its parents'. */
export function membersOf(directory: string): number[] {
  try {
    return readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return []
    throw error
  }
}
// #endregion processes

// #region signal
/**
 * A signal for everybody. Who is frozen cannot fork meanwhile. A frozen cgroup of version 1 does not even die, so it thaws afterwards; one that
 * was paused before stays so, unless the signal is SIGKILL.
 */
export function signalAll(cgroups: readonly string[], signal: NodeJS.Signals | number): void {
  const isKill = signal === 'SIGKILL' || signal === 9
  const killers = cgroups.map((directory) => join(directory, 'cgroup.kill')).filter((file) => existsSync(file))
  if (isKill) for (const file of killers) writeFileSync(file, '1')
  const waits = isFrozen(cgroups)
  if (!waits) stopIfPossible(cgroups)
  for (const pid of processesIn(cgroups)) signalProcess(pid, signal)
  if (isKill || !waits) thaw(cgroups)
}
// #endregion signal

/** A machine may have no freezer, and one that is overloaded may not come to rest: those who fork then are met the next time. */
function stopIfPossible(cgroups: readonly string[]): void {
  try {
    freeze(cgroups)
  } catch {
    thaw(cgroups)
  }
}
