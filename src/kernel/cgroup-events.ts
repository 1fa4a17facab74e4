/** What happened in a cgroup: how much it used at most, and how often it ran into a limit. cgroups(7); the kernel's cgroup-v2 and v1 documents. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface CgroupEvents {
  /** Processes that the kernel ended since the memory limit was reached. */
  oomKills: number
  /** Forks that were refused since the limit on processes was reached. */
  forksRefused: number
  /** Most memory ever in use, in bytes. */
  memoryPeak: number
  /** Periods in which it had used up its processor time. */
  throttled: number
}

// #region events
/** @param directories the box's cgroups: one in v2, one for each hierarchy in v1. A file that one has not, another has. */
export function readEvents(directories: readonly string[]): CgroupEvents {
  const read = (...sources: [file: string, key?: string][]): number =>
    Math.max(0, ...sources.flatMap(([file, key]) => directories.map((directory) => field(join(directory, file), key))))
  return {
    oomKills: read(['memory.events', 'oom_kill'], ['memory.oom_control', 'oom_kill']),
    forksRefused: read(['pids.events', 'max']),
    memoryPeak: read(['memory.peak'], ['memory.max_usage_in_bytes']),
    throttled: read(['cpu.stat', 'nr_throttled']),
  }
}
// #endregion events

/** A flat keyed file holds `key value` lines; others hold one number alone. */
function field(path: string, key: string | undefined): number {
  if (!existsSync(path)) return 0
  const text = readFileSync(path, 'utf8').trim()
  const value =
    key === undefined
      ? text
      : text
          .split('\n')
          .find((line) => line.startsWith(`${key} `))
          ?.slice(key.length + 1)
  return Number(value ?? 0)
}
