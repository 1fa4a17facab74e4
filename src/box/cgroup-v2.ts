/** cgroups version 2: one tree for all controllers. A cgroup has those that its parent hands down in `cgroup.subtree_control`. */
import { join } from 'node:path'
import { SUPERVISORS, type Controller, type Unified } from '../kernel/cgroups.ts'
import { host, type Draft } from '../plan/plan.ts'
import { limit, type CgroupDriver, type Share } from './cgroup-driver.ts'

// #region v2
// #region v2-make
export const cgroupV2: CgroupDriver = {
  make: (share) => {
    const { v2 } = share.cgroups
    if (!v2) return []
    const directory = join(v2.base, share.path)
    const made = { undo: { call: 'remove_cgroup' as const, args: [directory] as [string] } }
    return [...handDown(v2, handedDown(share)), host('mkdir', [directory, 0o755], 'a directory here is a cgroup', made)]
  },
  // #endregion v2-make

  limits: (share) => {
    const { memory, pids, cpu, blockIO } = share.resources
    const file = (name: string): string => join(share.cgroups.v2?.base ?? '', share.path, name)
    const has = (name: Controller): boolean => handedDown(share).includes(name)
    const throttles = [
      ...(blockIO?.throttleReadBpsDevice ?? []).map((throttle) => ({ ...throttle, key: 'rbps' })),
      ...(blockIO?.throttleWriteBpsDevice ?? []).map((throttle) => ({ ...throttle, key: 'wbps' })),
    ]
    return [
      ...(has('memory') && memory?.limit !== undefined ? memoryLimit(memory.limit, file) : []),
      ...(has('pids') && pids ? [limit(file('pids.max'), pids.limit, 'processes and threads, all told')] : []),
      ...(has('cpu') && cpu?.quota !== undefined
        ? [
            limit(
              file('cpu.max'),
              `${cpu.quota} ${cpu.period ?? 100_000n}`,
              'it may run so many microseconds of so many',
            ),
          ]
        : []),
      ...(has('cpuset') && cpu?.cpus
        ? [limit(file('cpuset.cpus'), cpu.cpus, 'the processors that it may run on')]
        : []),
      ...(has('io') ? throttles : []).map(({ major, minor, key, rate }) =>
        limit(file('io.max'), `${major}:${minor} ${key}=${rate}`, 'bytes a second from or to that device'),
      ),
    ]
  },

  doors: ({ path, cgroups: { v2 } }) => (v2 ? [join(v2.base, path, 'cgroup.procs')] : []),
}
// #endregion v2

/** In a hybrid machine a controller is in the v2 tree or in a hierarchy of its own, never in both. */
const handedDown = ({ wanted, cgroups }: Share): Controller[] =>
  wanted.filter((name) => !(name in cgroups.v1) && cgroups.v2?.available.includes(name))

/** Where the kernel does not count swap the second file is missing, and nothing is lost. */
const memoryLimit = (bytes: bigint, file: (name: string) => string): Draft[] => [
  limit(file('memory.max'), bytes, 'bytes of memory, page cache included'),
  limit(file('memory.swap.max'), 0n, 'and no swap, or it would be swapped out and live on', ['ENOENT']),
]

// #region delegation
// #region hand-down
/**
 * A cgroup that hands down controllers may not hold processes (except the true root), so they are set aside in a leaf first. Every box that stands
 * on that has it in its plan, and so does the last of them, which takes it back.
 */
function handDown({ base, enabled, processes, setAside }: Unified, wanted: readonly Controller[]): Draft[] {
  const missing = wanted.filter((name) => !enabled.includes(name))
  const inTheWay = processes.length > 0 || setAside
  if (missing.length === 0 && !setAside) return []
  const leaf = join(base, SUPERVISORS)
  const control = join(base, 'cgroup.subtree_control')
  const minus = signed('-', setAside ? [...enabled, ...missing] : missing)
  return [
    ...(inTheWay ? [host('mkdir', [leaf, 0o755], 'a leaf for the processes in the way', dissolved(leaf))] : []),
    ...processes.map((pid) => aside(pid, leaf)),
    host('write', [control, signed('+', setAside ? wanted : missing)], 'hand these controllers down', {
      // At the true root they stay handed down: others may have come to count on them since.
      ...(inTheWay ? { undo: { call: 'write', args: [control, minus], shared: true } } : {}),
    }),
  ]
}
// #endregion hand-down

const signed = (sign: '+' | '-', names: readonly string[]): string => names.map((name) => `${sign}${name}`).join(' ')

const dissolved = (leaf: string): Pick<Draft, 'fine' | 'undo'> => ({
  fine: ['EEXIST'],
  undo: { call: 'dissolve_cgroup', args: [leaf], fine: ['EBUSY', 'ENOENT'], shared: true },
})

const aside = (pid: number, leaf: string): Draft =>
  host('write', [join(leaf, 'cgroup.procs'), String(pid)], 'set aside: no internal processes', { fine: ['ESRCH'] })
// #endregion delegation
