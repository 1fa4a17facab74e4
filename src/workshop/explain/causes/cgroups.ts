/** Files of a cgroup: what they do not take, and when: cgroups(7), cpuset(7). */
import { release } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import type { Place } from '../place.ts'
import type { Scene } from '../scene.ts'

interface CgroupFile {
  directory: string
  file: string
  value: string
  generation: 1 | 2
  /** Is the directory the top of its hierarchy? */
  isTop: boolean
  /** A file beside it, by name, as words. */
  words: (file: string) => string[]
}

// #region writes
export const cgroupCauses: Cause[] = [
  {
    name: 'cgroup/internal-processes',
    calls: ['write'],
    codes: ['EBUSY'],
    precondition: 'A cgroup that hands down controllers holds no processes itself',
    man: `cgroups(7): before controllers can be enabled for that cgroup, the member processes must be moved out of the cgroup`,
    args: 1,
    probe: ofCgroup(({ directory, file, isTop, words }) => {
      if (file !== 'cgroup.subtree_control' || isTop) return 'apart'
      const processes = words('cgroup.procs')
      if (processes.length === 0) return 'so'
      return {
        fact: `${directory} has processes of its own: ${processes.slice(0, 5).join(', ')}`,
        remedy: 'Move them into a cgroup below it first, or: systemd-run --scope -p Delegate=yes boxwright …',
      }
    }),
  },
  {
    name: 'cgroup/hands-down',
    calls: ['write'],
    codes: ['EBUSY'],
    precondition: 'A cgroup that a process is to enter hands down no controllers',
    man: `cgroups(7): a (nonroot) cgroup can't both (1) have member processes, and (2) distribute resources into child cgroups`,
    args: 1,
    probe: ofCgroup(({ directory, file, isTop, words }) => {
      const handed = words('cgroup.subtree_control')
      if (file !== 'cgroup.procs' || isTop) return 'apart'
      if (handed.length === 0) return 'so'
      return {
        fact: `${directory} hands down ${handed.join(', ')} to the cgroups below it`,
        remedy: 'Enter one of those, a leaf: only there processes may be',
      }
    }),
  },
  {
    name: 'cgroup/not-handed-down',
    calls: ['write'],
    codes: ['ENOENT'],
    precondition: 'The cgroup above hands down the controller whose file it is',
    man: "cgroups(7): A cgroup's cgroup.subtree_control file determines the set of controllers that are exercised in the child cgroups.",
    args: 1,
    probe: ofCgroup(({ directory, file, generation, isTop, words }, { scene }) => {
      const controller = controllerOf(file)
      if (generation === 1 || isTop || controller === undefined || words('cgroup.controllers').includes(controller))
        return 'so'
      const above = dirname(directory)
      const inV1 = hierarchyOf(scene, controller)
      if (inV1 !== undefined)
        return {
          fact: `${controller} is in a v1 hierarchy, mounted at ${inV1}, and so not in ${directory}`,
          remedy: isWsl() ? 'Set kernelCommandLine=cgroup_no_v1=all in .wslconfig' : `Make the cgroup there: ${inV1}`,
        }
      return {
        fact: `${above}/cgroup.subtree_control has no ${controller}: it has "${words('../cgroup.subtree_control').join(' ')}"`,
        remedy: `Hand it down: echo +${controller} > ${above}/cgroup.subtree_control`,
      }
    }),
  },
  {
    name: 'cgroup/no-such-controller',
    calls: ['write'],
    codes: ['ENOENT'],
    precondition: 'A controller that is to be handed down is there',
    man: 'cgroups(7): An attempt to enable a controller that is not present in cgroup.controllers leads to an ENOENT error',
    args: 2,
    probe: ofCgroup(({ directory, file, value, words }) => {
      const has = words('cgroup.controllers')
      const missing = value.split(/\s+/).find((word) => word.startsWith('+') && !has.includes(word.slice(1)))
      if (file !== 'cgroup.subtree_control') return 'apart'
      if (missing === undefined) return 'so'
      return {
        fact: `${directory}/cgroup.controllers has no ${missing.slice(1)}: it has "${has.join(' ')}"`,
        remedy: 'Hand it down from the cgroup above first, or take it from its v1 hierarchy: see boxwright doctor',
      }
    }),
  },
  {
    name: 'cgroup/no-such-file',
    calls: ['write'],
    codes: ['ENOENT'],
    precondition: 'This kernel has a limit of that name',
    man: 'cgroups(7): When a controller (e.g., pids) is present in the cgroup.subtree_control file of a parent cgroup, then the corresponding controller-interface files (e.g., pids.max) are automatically created in the children of that cgroup',
    args: 1,
    probe: ofCgroup(({ directory, file }, { scene }) => {
      if (!scene.look(directory).found || scene.look(join(directory, file)).found) return 'so'
      return { fact: `${directory} has no file ${file}`, remedy: 'This kernel does not have that limit: leave it out' }
    }),
  },
  {
    name: 'cgroup/no-such-process',
    calls: ['write'],
    codes: ['ESRCH'],
    precondition: 'The process that is to enter is there',
    man: 'cpuset(7): Attempted to write(2) the process ID (PID) of a nonexistent process to a cpuset tasks file.',
    args: 2,
    probe: ofCgroup(({ file, value }, { scene }) => {
      if (!isDoor(file)) return 'apart'
      if (value === '0' || scene.look(`/proc/${value}`).found) return 'so'
      return { fact: `there is no process ${value}`, remedy: 'Write 0 to have whoever writes enter: it is there' }
    }),
  },
  {
    name: 'cgroup/threaded',
    calls: ['write'],
    codes: ['EOPNOTSUPP', 'ENOTSUP'],
    precondition: 'The cgroup is a domain, and not a threaded one or invalid',
    man: "cgroups(7): Processes can't be added to the cgroup, and controllers can't be enabled for the cgroup.",
    args: 1,
    probe: ofCgroup(({ directory, words }) => {
      const type = words('cgroup.type').join(' ')
      if (type === '' || type === 'domain') return 'so'
      return {
        fact: `${directory}/cgroup.type is "${type}"`,
        remedy: 'Use a cgroup outside the threaded subtree, or make this one threaded too: echo threaded > cgroup.type',
      }
    }),
  },
  {
    name: 'cgroup/empty-cpuset',
    calls: ['write'],
    codes: ['ENOSPC'],
    precondition: 'A v1 cpuset has processors and memory nodes before a process enters it',
    man: 'cpuset(7): when the cpuset had an empty cpuset.cpus or empty cpuset.mems setting.',
    args: 1,
    probe: ofCgroup(({ directory, file, generation, words }, { scene }) => {
      if (generation === 2 || !isDoor(file)) return 'apart'
      const empty = ['cpuset.cpus', 'cpuset.mems'].find(
        (name) => scene.look(join(directory, name)).found && words(name).length === 0,
      )
      if (empty === undefined) return 'so'
      return {
        fact: `${directory}/${empty} is empty`,
        remedy: `Give it what the cpuset above has: cat ${dirname(directory)}/${empty} > ${directory}/${empty}`,
      }
    }),
  },
]
// #endregion writes

/** `memory.max` → `memory`; the cgroup's own files are `cgroup.…`. */
function controllerOf(file: string): string | undefined {
  const name = file.split('.')[0] ?? ''
  return ['memory', 'pids', 'cpu', 'cpuset', 'io', 'hugetlb'].includes(name) ? name : undefined
}

const isDoor = (file: string): boolean => ['cgroup.procs', 'tasks', 'cgroup.threads'].includes(file)

function hierarchyOf({ mounts }: Scene, controller: string): string | undefined {
  const name = controller === 'io' ? 'blkio' : controller
  return mounts.find(({ type, superOptions }) => type === 'cgroup' && superOptions.includes(name))?.mountPoint
}

const isWsl = (): boolean => /microsoft/i.test(release())

/** Looks at a write to a file of a cgroup; every other write is none of its business. */
export function ofCgroup(look: (file: CgroupFile, attempt: Attempt) => Verdict): Cause['probe'] {
  return (attempt) => {
    const path = text(attempt, 0)
    const directory = dirname(path)
    const place = attempt.scene.look(directory)
    if (!isCgroup(place)) return 'apart'
    const words = (file: string): string[] => wordsOf(attempt.scene, join(directory, file))
    const { type, mountPoint } = place.mount
    const generation = type === 'cgroup2' ? 2 : 1
    const isTop = place.path === mountPoint
    return look({ directory, file: basename(path), value: text(attempt, 1).trim(), generation, isTop, words }, attempt)
  }
}

type CgroupDirectory = Extract<Place, { found: true }> & {
  mount: NonNullable<Extract<Place, { found: true }>['mount']>
}

export const isCgroup = (place: Place): place is CgroupDirectory =>
  place.found && (place.mount?.type === 'cgroup' || place.mount?.type === 'cgroup2')

/** As the process sees the file. */
function wordsOf(scene: Scene, path: string): string[] {
  const place = scene.look(path)
  const content = place.found ? scene.read(place.file) : undefined
  return content?.split(/\s+/).filter(Boolean) ?? []
}
