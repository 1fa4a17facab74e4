/** Values that a limit's file does not take, and cgroups that do not go away. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import { isCgroup, ofCgroup } from './cgroups.ts'

const LIST = /^\d+(-\d+)?(,\d+(-\d+)?)*$/

/** What each file takes, and how that is said. The kernel's cgroup-v2.rst and cgroup-v1 documents. */
const FORMS: [file: RegExp, value: RegExp, form: string][] = [
  [/^(memory|pids)\.(max|high|min|low|swap\.max)$/, /^(max|\d+[kmgt]?)$/i, 'a number, or max'],
  [/^memory\..*limit_in_bytes$/, /^(-1|\d+[kmgt]?)$/i, 'a number of bytes, or -1'],
  [/^cpu\.max$/, /^(max|\d+)( \d+)?$/, 'microseconds of processor time, or max, and the period'],
  [/^cpu\.cfs_(quota|period)_us$/, /^-?\d+$/, 'a number of microseconds'],
  [/^cpuset\.(cpus|mems)$/, LIST, 'a list such as 0-2,4'],
  [/^io\.max$/, /^\d+:\d+( (rbps|wbps|riops|wiops)=(max|\d+))+$/, 'a device and limits: 254:0 rbps=1048576'],
  [/^blkio\.throttle\./, /^\d+:\d+ \d+$/, 'a device and a number: 254:0 1048576'],
]

// #region values
export const cgroupValueCauses: Cause[] = [
  {
    name: 'cgroup/form',
    calls: ['write'],
    codes: ['EINVAL'],
    precondition: 'The value has the form that the file takes',
    man: 'cgroups(7): documented in the kernel source file Documentation/admin-guide/cgroup-v2.rst',
    args: 2,
    probe: ofCgroup(({ file, value }) => {
      const wanted = FORMS.find(([name]) => name.test(file))
      if (!wanted) return 'apart'
      if (wanted[1].test(value)) return 'so'
      return {
        fact: `${file} takes ${wanted[2]}, and not "${value}"`,
        remedy: 'The kernel does not take that value: try another',
      }
    }),
  },
  {
    name: 'cgroup/cpu-quota',
    calls: ['write'],
    codes: ['EINVAL'],
    precondition: 'A period is between 1 ms and 1 s, and a quota not below 1 ms',
    man: 'sched-bwc.rst: The minimum quota allowed for the quota or period is 1ms. There is also an upper bound on the period length of 1s.',
    args: 2,
    probe: ofCgroup(({ file, value }) => {
      const [quota = 'max', period = '100000'] = file === 'cpu.max' ? value.split(' ') : [value, value]
      const bad =
        file === 'cpu.cfs_quota_us'
          ? isBelow(quota)
          : file === 'cpu.max'
            ? isBelow(quota) || isNoPeriod(period)
            : isNoPeriod(period)
      if (!/^cpu\.(max|cfs_quota_us|cfs_period_us)$/.test(file) || !bad) return 'so'
      return {
        fact: `"${value}" microseconds are fewer than 1000, or a period of more than 1000000`,
        remedy: 'Take a period of 100000 and a quota of 1000 or more',
      }
    }),
  },
  {
    name: 'cgroup/no-such-processor',
    calls: ['write'],
    codes: ['ERANGE', 'EINVAL', 'EACCES'],
    precondition: 'The processors and memory nodes that are named are there',
    man: 'cpuset(7): Specified a cpuset.cpus or cpuset.mems list to the kernel which included a number too large',
    args: 2,
    probe: ofCgroup(({ file, value }, { scene }) => {
      const source = { 'cpuset.cpus': 'cpu', 'cpuset.mems': 'node' }[file]
      const there = scene.read(`/sys/devices/system/${source ?? ''}/online`)?.trim()
      if (source === undefined || there === undefined || !LIST.test(value)) return 'so'
      const missing = membersOf(value).find((one) => !membersOf(there).includes(one))
      if (missing === undefined) return 'so'
      return {
        fact: `there is no ${source === 'cpu' ? 'processor' : 'memory node'} ${missing} here: there are ${there}`,
        remedy: source === 'cpu' ? 'The machine has no such processor: see nproc' : 'Name one that is there: usually 0',
      }
    }),
  },
  {
    name: 'cgroup/not-in-parent',
    calls: ['write'],
    codes: ['EACCES', 'EINVAL'],
    precondition: 'A v1 cpuset has nothing that the cpuset above it has not',
    man: "cpuset(7): Its CPUs and memory nodes must be a (possibly equal) subset of its parent's.",
    args: 2,
    probe: ofCgroup(({ directory, file, value, generation, isTop, words }) => {
      if (generation === 2 || isTop || !/^cpuset\.(cpus|mems)$/.test(file) || !LIST.test(value)) return 'so'
      const above = words(`../${file}`).join('')
      const missing = membersOf(value).find((one) => !membersOf(above).includes(one))
      if (missing === undefined) return 'so'
      return {
        fact: `${join(directory, '..', file)} is "${above}", and ${missing} is not in it`,
        remedy: 'Take some of those, or give it to the cpuset above first',
      }
    }),
  },
]
// #endregion values

const isBelow = (quota: string): boolean => /^\d+$/.test(quota) && Number(quota) < 1000

const isNoPeriod = (period: string): boolean => Number(period) < 1000 || Number(period) > 1_000_000

/** `0-2,4` → 0, 1, 2, 4. A range that ends where nothing can is cut short. */
function membersOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number)
    if (Number.isNaN(first) || range === '') return []
    return Array.from({ length: Math.min(last - first + 1, 10_000) }, (_, n) => first + n)
  })
}

// #region rmdir
export const cgroupRemovalCauses: Cause[] = [
  {
    name: 'cgroup/has-processes',
    calls: ['rmdir'],
    codes: ['EBUSY'],
    precondition: 'Nobody lives in a cgroup that is to be removed',
    man: 'cgroups(7): To remove a cgroup, it must first have no child cgroups and contain no (nonzombie) processes.',
    args: 1,
    probe: ofDirectory((file, path, { scene }) => {
      const processes = scene.read(join(file, 'cgroup.procs'))?.split('\n').filter(Boolean) ?? []
      if (processes.length === 0) return 'so'
      return {
        fact: `${path} has processes: ${processes.slice(0, 5).join(', ')}`,
        remedy: 'End them, or move them into another cgroup, and wait until they are gone',
      }
    }),
  },
  {
    name: 'cgroup/has-children',
    calls: ['rmdir'],
    codes: ['EBUSY'],
    precondition: 'A cgroup that is to be removed has none below it',
    man: 'cgroups(7): To remove a cgroup, it must first have no child cgroups and contain no (nonzombie) processes.',
    args: 1,
    probe: ofDirectory((file, path) => {
      const [child] = readdirSync(file, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      if (!child) return 'so'
      return { fact: `${join(path, child.name)} is below it`, remedy: 'Remove those below it first' }
    }),
  },
]
// #endregion rmdir

function ofDirectory(look: (file: string, path: string, attempt: Attempt) => Verdict): Cause['probe'] {
  return (attempt) => {
    const place = attempt.scene.look(text(attempt, 0))
    return isCgroup(place) ? look(place.file, place.path, attempt) : 'apart'
  }
}
