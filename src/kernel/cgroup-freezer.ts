/**
 * Stopping all that lives in a container's cgroups where it stands, and letting it go on. Version 1 has a hierarchy for it (the kernel's
 * freezer-subsystem document), version 2 a file in each cgroup (cgroup-v2 §Core Interface Files).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from './error-code.ts'
import { sleep } from './sleep.ts'

/** Who sleeps where the kernel cannot interrupt keeps all others waiting. */
const PATIENCE_MS = 10_000

// #region freeze
/** @throws Error when there is no freezer, or somebody in there cannot be stopped. Nobody is then. */
export function freeze(cgroups: readonly string[]): void {
  const [v1, v2] = freezersOf(cgroups)
  const directory = v1 ?? v2
  if (directory === undefined)
    throw new Error(
      'Cannot freeze the container: none of its cgroups has a freezer\n  Mount the freezer of version 1, or use a kernel of at least 5.2 with version 2',
    )
  const ask = directory === v1 ? askV1 : askV2
  const deadline = Date.now() + PATIENCE_MS
  for (let tries = 1; !ask(directory, tries); tries += 1) {
    if (Date.now() < deadline) continue
    thaw(cgroups)
    throw new Error(
      `Cannot freeze "${directory}": not all of its processes have stopped in ${PATIENCE_MS / 1000} s\n  One may be waiting for a disk or a network: ps -o pid,stat,wchan shows it`,
    )
  }
}

/** Asked again until it says FROZEN: while new processes keep coming it may stay FREEZING for ever, so now and then all are let go for a moment. */
function askV1(directory: string, tries: number): boolean {
  const file = join(directory, 'freezer.state')
  if (tries % 50 === 0) {
    writeFileSync(file, 'THAWED')
    sleep(10)
  }
  writeFileSync(file, 'FROZEN')
  return read(file) === 'FROZEN'
}

/** The wish is kept; `cgroup.events` says when it has come true. */
function askV2(directory: string, tries: number): boolean {
  if (tries === 1) writeFileSync(join(directory, 'cgroup.freeze'), '1')
  else sleep(1)
  return read(join(directory, 'cgroup.events')).split('\n').includes('frozen 1')
}
// #endregion freeze

// #region thaw
export function thaw(cgroups: readonly string[]): void {
  const [v1, v2] = freezersOf(cgroups)
  if (v1 !== undefined) writeFileSync(join(v1, 'freezer.state'), 'THAWED')
  if (v2 !== undefined) writeFileSync(join(v2, 'cgroup.freeze'), '0')
}

/** Its own doing, and not that of a cgroup above it: then it could not be thawed from here. */
export function isFrozen(cgroups: readonly string[]): boolean {
  const [v1, v2] = freezersOf(cgroups)
  return (
    (v1 !== undefined && read(join(v1, 'freezer.self_freezing')) === '1') ||
    (v2 !== undefined && read(join(v2, 'cgroup.freeze')) === '1')
  )
}
// #endregion thaw

/** Where they are stopped. */
export function freezerOf(cgroups: readonly string[]): string | undefined {
  const [v1, v2] = freezersOf(cgroups)
  return v1 ?? v2
}

/** In a hybrid machine there are both. */
function freezersOf(cgroups: readonly string[]): [v1: string | undefined, v2: string | undefined] {
  const having = (file: string): string | undefined => cgroups.find((directory) => existsSync(join(directory, file)))
  return [having('freezer.state'), having('cgroup.freeze')]
}

/** Nothing of a cgroup that has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return ''
    throw error
  }
}
