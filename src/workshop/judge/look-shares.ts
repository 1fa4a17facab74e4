/** The cgroups of a box, looked up from outside: its place in `/proc/PID/cgroup`, and what is written in the files there. cgroups(7). */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { CLONE_NEWCGROUP } from '../../kernel/constants.ts'
import { readCgroups, type Cgroups, type Controller } from '../../kernel/cgroups.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { readUsers } from '../../kernel/users.ts'
import type { CgroupFacts, ShareFacts } from './facts.ts'
import { readWithin, within } from './within.ts'

/** The files that say something about a limit. */
const FILES = {
  memory: {
    1: ['memory.limit_in_bytes', 'memory.soft_limit_in_bytes', 'memory.memsw.limit_in_bytes'],
    2: ['memory.max', 'memory.high', 'memory.swap.max'],
  },
  pids: { 1: ['pids.max'], 2: ['pids.max'] },
  cpu: { 1: ['cpu.cfs_quota_us', 'cpu.cfs_period_us'], 2: ['cpu.max'] },
} as const

// #region shares
export function lookAtShares(pid: number): ShareFacts {
  const cgroups = readCgroups()
  const controllers = (['memory', 'pids', 'cpu'] as const).filter((name) => generationOf(name, cgroups) !== undefined)
  const view = viewOf(pid)
  return {
    cgroups: controllers.map((name) => cgroupOf(pid, name, cgroups)),
    view: [...new Set(controllers.map((name) => placeOf(view, name, cgroups)))],
  }
}
// #endregion shares

/** Its own cgroup as its own cgroup namespace tells it: cgroup_namespaces(7). */
const viewOf = (pid: number): string[] =>
  readUsers().namespaced
    ? readWithin(pid, 'cgroup', CLONE_NEWCGROUP, `/proc/${pid}/cgroup`).split('\n').filter(Boolean)
    : within(pid, 'cgroup', CLONE_NEWCGROUP, () => linesOf(pid))

/** In a hybrid machine a controller is in a v1 hierarchy or in the v2 tree, never in both. */
function generationOf(name: Controller, { v1, v2 }: Cgroups): 1 | 2 | undefined {
  if (name in v1) return 1
  return v2?.available.includes(name) ? 2 : undefined
}

function cgroupOf(pid: number, controller: keyof typeof FILES, cgroups: Cgroups): CgroupFacts {
  const version = generationOf(controller, cgroups) ?? 2
  const mount = cgroups.v1[controller] ?? cgroups.v2?.mount ?? ''
  const [directory, judges] = [pid, process.pid].map((one) =>
    join(mount, relative(rootOf(mount), placeOf(linesOf(one), controller, cgroups))),
  ) as [string, string]
  return {
    controller,
    version,
    directory,
    own: !`${judges}/`.startsWith(`${directory}/`) && directory !== mount,
    limits: valuesOf(directory, FILES[controller][version]),
    above: valuesOf(dirname(directory), FILES[controller][version]),
  }
}

/** In a container only a part of the hierarchy may be mounted: its root is the part's. */
const rootOf = (mount: string): string =>
  readMountInfo().findLast(({ mountPoint }) => mountPoint === mount)?.root ?? '/'

const linesOf = (pid: number): string[] => readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').filter(Boolean)

/** `8:pids:/boxwright-1f`, or `0::/boxwright-1f` in the v2 tree. */
function placeOf(lines: readonly string[], name: Controller, cgroups: Cgroups): string {
  const isIt = (line: string): boolean =>
    name in cgroups.v1 ? (line.split(':')[1] ?? '').split(',').includes(name) : line.startsWith('0::')
  return lines.find(isIt)?.split(':').slice(2).join(':') ?? '/'
}

const valuesOf = (directory: string, files: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    files
      .map((file) => [file, join(directory, file)] as const)
      .filter(([, path]) => existsSync(path))
      .map(([file, path]) => [file, readFileSync(path, 'utf8').trim()]),
  )
