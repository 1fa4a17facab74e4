/**
 * Lesson 13. Places to mount on. A root file system need not have them: each directory on the way is made unless it is there, below where the box stands.
 * runC's rules say what may be mounted on /proc, and in it.
 */
import { posix } from 'node:path'
import { S_IFREG } from '../../kernel/constants.ts'
import type { Mount } from '../../oci/spec.ts'
import { box, type Draft } from '../../plan/plan.ts'

/** Below where the box stands: without a / at its beginning, and without `..`. */
export const below = (path: string): string =>
  posix.join('/', path).slice(1).replace(/\/$/, '')

// #region places
export class Places {
  /** Directories that are there for certain, as this plan has made them. */
  readonly #made = new Set<string>()

  /** @param leaf what is to be there; `mode` is that of a directory. */
  make(path: string, leaf: 'directory' | 'file', mode = 0o755): Draft[] {
    const parts = below(path).split('/')
    const ways = parts.map((_, n) => parts.slice(0, n + 1).join('/'))
    const last = leaf === 'file' ? (ways.pop() ?? '') : ''
    const missing = ways.filter((way) => !this.#made.has(way))
    for (const way of missing) this.#made.add(way)
    return [
      ...missing.map((way) =>
        directory(way, way === ways.at(-1) ? mode : 0o755),
      ),
      ...(last ? [file(last)] : []),
    ]
  }

  /** What is mounted there hides what was made below. */
  cover(path: string): void {
    for (const way of this.#made)
      if (way.startsWith(`${below(path)}/`)) this.#made.delete(way)
  }
}
// #endregion places

const directory = (path: string, mode: number): Draft =>
  box('mkdir', [path, mode], 'a place to mount it on', { fine: ['EEXIST'] })

const file = (path: string): Draft =>
  box('mknod', [path, S_IFREG | 0o644, 0], 'a file to mount it on', {
    fine: ['EEXIST'],
  })

// #region proc
/** Files in which others count what the box may use, as lxcfs does. */
const COUNTED = [
  ...['cpuinfo', 'diskstats', 'meminfo', 'stat', 'swaps', 'uptime'],
  ...['loadavg', 'slabinfo', 'sys/kernel/ns_last_pid'],
  'sys/crypto/fips_enabled',
].map((name) => `proc/${name}`)

/** @throws Error when it would stand between the kernel and whoever believes /proc: CVE-2019-16884. */
export function refusePlace({ destination, type }: Mount, field: string): void {
  const place = below(destination)
  const complain = (fact: string, remedy: string): Error =>
    new Error(
      `Cannot mount anything at "${destination}" (${field}): ${fact}\n  ${remedy}`,
    )
  if (place === '')
    throw complain('it is the root', 'Change root.path, or the destination')
  if (place === 'proc' && !['proc', 'bind'].includes(type))
    throw complain(
      'only a proc can be there',
      'Give it the type proc, or another destination',
    )
  if (place.startsWith('proc/') && !COUNTED.includes(place))
    throw complain(
      'what is in /proc comes from the kernel alone',
      'Take it to another place, or have it covered: linux.maskedPaths',
    )
}
// #endregion proc
