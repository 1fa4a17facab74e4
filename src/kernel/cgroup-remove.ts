/** Taking a cgroup down. rmdir(2) refuses one that has processes or children: cgroups(7). */
import { existsSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from './error-code.ts'
import { thaw } from './cgroup-freezer.ts'
import { membersOf } from './cgroup-processes.ts'
import { signalProcess } from './signal.ts'
import { sleep } from './sleep.ts'

/** How long processes may take to be gone after SIGKILL. One in an uninterruptible sleep can take its time. */
const PATIENCE_MS = 10_000

// #region remove
/** Kill, wait, rmdir: children first. @throws NodeJS.ErrnoException EBUSY when something survives SIGKILL for ten seconds. */
export function removeCgroup(directory: string): void {
  const deadline = Date.now() + PATIENCE_MS
  for (let tries = 0; ; tries += 1) {
    try {
      if (tries > 0 || !isCgroup(directory)) empty(directory)
      rmdirSync(directory) // an empty one goes at once
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!existsSync(directory)) return // it is gone: somebody else may be taking it down as well
      if ((code !== 'EBUSY' && code !== 'ENODEV') || Date.now() > deadline) throw error
      if (tries > 0) sleep(1)
    }
  }
}

const isCgroup = (directory: string): boolean => existsSync(join(directory, 'cgroup.procs'))

/** @throws NodeJS.ErrnoException ENOENT of a directory that is no cgroup. */
function empty(directory: string): void {
  refuseRoot(directory)
  statSync(join(directory, 'cgroup.procs'))
  for (const child of childrenOf(directory)) removeCgroup(child)
  killAll(directory)
}
// #endregion remove

/** Everything on the machine is below the root of a hierarchy. It is another file system than the directory that it is mounted in. */
function refuseRoot(directory: string): void {
  if (statSync(directory).dev !== statSync(join(directory, '..')).dev)
    throw new Error(`Cannot remove "${directory}": it is no box's cgroup, but all that the machine has`)
}

// #region dissolve
/** Moves all that live in a v2 cgroup, those born there meanwhile included, into its parent, and removes it. @throws EBUSY when that takes none. */
export function dissolveCgroup(directory: string): void {
  const parent = join(directory, '..', 'cgroup.procs')
  for (let members = nameable(directory); members.length > 0; members = nameable(directory))
    for (const pid of members) move(pid, parent)
  rmdirSync(directory)
}
// #endregion dissolve

/** A process of another PID namespace is listed as 0, and that would be ourselves: to the file, and to kill(2) our whole group. */
const nameable = (directory: string): number[] => membersOf(directory).filter((pid) => pid !== 0)

function move(pid: number, door: string): void {
  try {
    writeFileSync(door, String(pid))
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

/** cgroup v2 can end all at once, forks in flight included; v1 is asked again until nobody is left. */
function killAll(directory: string): void {
  if (existsSync(join(directory, 'cgroup.kill'))) {
    writeFileSync(join(directory, 'cgroup.kill'), '1')
    return
  }
  thaw([directory]) // who is frozen does not even die
  for (const pid of nameable(directory)) signalProcess(pid, 'SIGKILL')
}

function childrenOf(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name))
}
