/** What the judge looks for after lesson 4: limits that stand in the box's own cgroup, and that hold when the box runs into them. */
import type { Check, Finding } from '../../src/workshop/judge/check.ts'
import type { CgroupFacts, Facts } from '../../src/workshop/judge/facts.ts'
import type { Limits } from '../../src/workshop/judge/asked.ts'

const LESSON = 4

// #region checks
export const cgroupsChecks: Check[] = [
  {
    id: 'member',
    lesson: LESSON,
    title: 'it is in a cgroup of its own',
    needs: 'root',
    expected: ({ box }) =>
      `in /proc/PID/cgroup another cgroup than the judge's for ${names(box?.shares?.cgroups)}`,
    unseen: ({ box }) =>
      box?.shares?.cgroups.length === 0 ? 'no cgroup here is ours' : undefined,
    look: ({ box }) => {
      const host = box?.shares?.cgroups.filter(({ own }) => !own) ?? []
      return host.length === 0
        ? undefined
        : {
            found: `for ${names(host)} it is where its launcher is, in ${host[0]?.directory}`,
            cause:
              'A process is in a cgroup when its number has been written to cgroup.procs there; 0 is whoever writes',
          }
    },
    hints: [
      'A cgroup is a directory. How does a process get into it: who writes what, into which file? And if the launcher writes its own number?',
      'man 7 cgroups. Look for: "A process may be moved to this cgroup by writing its PID into the cgroup\'s cgroup.procs file". And: "Writing the value 0 to a cgroup.procs file causes the writing process to be moved".',
      "+    ...directories.map((directory) => box('write', [`${directory}/cgroup.procs`, '0'], 'the box walks in')),",
    ],
    why: 'the box wrote 0 into cgroup.procs before it became the command: it, and whatever it starts, is counted there.',
  },
  {
    id: 'memory',
    lesson: LESSON,
    title: 'its memory is limited',
    needs: 'member',
    expected: ({ asked }) =>
      `${asked.limits.memory} bytes, in the cgroup that it is in`,
    unseen: notOffered('memory'),
    look: (facts) => lookAtMemory(facts),
    hints: [
      'Which file of the cgroup holds the limit at which the kernel ends a process? In which unit? In which cgroup does it stand?',
      'The kernel’s Documentation/admin-guide/cgroup-v2.rst, memory.max: "Memory usage hard limit. This is the main mechanism to limit memory usage of a cgroup." v1: memory.limit_in_bytes.',
      "+    host('write', [`${directory}/memory.max`, String(memory.limit)], 'bytes; v1: memory.limit_in_bytes'),",
    ],
    why: 'each page is charged to the cgroup of the process that first touches it, and this is the most that may be charged.',
  },
  {
    id: 'pids',
    lesson: LESSON,
    title: 'its processes are limited',
    needs: 'member',
    expected: ({ asked }) => `${asked.limits.pids} in pids.max`,
    unseen: notOffered('pids'),
    look: ({ asked, box }) => {
      const { limits = {}, above = {} } = cgroupFor('pids', box) ?? {}
      if (limits['pids.max'] === String(asked.limits.pids)) return undefined
      return {
        found: limits['pids.max'] ?? 'no limit',
        cause: inParent(above, 'pids.max', asked.limits.pids),
      }
    },
    hints: [
      'Memory is limited, processor time is limited. What does a fork bomb use up that is neither?',
      'The kernel’s cgroup-v2.rst, pids.max: "Hard limit of number of processes." In v1 the file has the same name.',
      "+    host('write', [`${directory}/pids.max`, String(pids.limit)], 'processes and threads, all told'),",
    ],
    why: 'fork(2) and clone(2) ask the cgroup first: at the limit they give EAGAIN.',
  },
  {
    id: 'cpu',
    lesson: LESSON,
    title: 'its processor time is limited',
    needs: 'member',
    expected: ({ asked }) =>
      `${asked.limits.cpus} of a processor: that part of each period`,
    unseen: notOffered('cpu'),
    look: ({ asked, box }) => {
      const cgroup = cgroupFor('cpu', box)
      const share = shareOf(cgroup?.limits ?? {})
      if (
        share !== undefined &&
        Math.abs(share - (asked.limits.cpus ?? 0)) < 0.005
      )
        return undefined
      const found = share === undefined ? 'no limit' : `${share} of a processor`
      const above = shareOf(cgroup?.above ?? {})
      const cause =
        above === undefined
          ? 'Quota and period are microseconds: 50000 of 100000 is half a processor'
          : PARENT
      return { found, cause }
    },
    hints: [
      'Half a processor: how much may run, of how much?',
      'The kernel’s cgroup-v2.rst, cpu.max: "$MAX $PERIOD … which indicates that the group may consume up to $MAX in each $PERIOD duration." v1: cpu.cfs_quota_us and cpu.cfs_period_us.',
      "+    host('write', [`${directory}/cpu.max`, `${cpu.quota} ${cpu.period}`], 'microseconds of microseconds'),",
    ],
    why: 'the scheduler lets the cgroup run for its quota, and then not before the next period begins.',
  },
  {
    id: 'view',
    lesson: LESSON,
    title: 'its cgroup namespace begins at its cgroup',
    needs: 'member',
    expected: () => '/proc/PID/cgroup, read in its cgroup namespace, says /',
    look: ({ box }) => {
      const view = box?.shares?.view ?? []
      return view.every((place) => place === '/')
        ? undefined
        : {
            found: `it says ${view.join(', ')}`,
            cause:
              'The namespace was made before the process was in its cgroup: it begins where the process was then',
          }
    },
    hints: [
      'Two things happen to the box: it walks into a cgroup, and it gets a cgroup namespace. Does the order matter?',
      'man 7 cgroup_namespaces. Look for: "When a process creates a new cgroup namespace using clone(2) or unshare(2) with the CLONE_NEWCGROUP flag, its current cgroups directories become the cgroup root directories of the new namespace."',
      "     box('write', [door, '0'], …),\n+    box('unshare', [CLONE_NEWCGROUP], …),    # after it",
    ],
    why: 'the box was in its cgroup already when it asked for the namespace.',
  },
  {
    id: 'memory-held',
    lesson: LESSON,
    title: 'more memory than that, and the kernel ends it',
    needs: 'memory',
    expected: ({ asked }) =>
      `a process that takes 32 MiB more than ${asked.limits.memory} bytes is ended`,
    look: ({ hog }) => {
      if (!hog)
        return {
          found: 'the whole box ended',
          cause:
            'Its first process was ended, and the one that took the memory was not',
        }
      if (!hog.survived && hog.oomKills > 0) return undefined
      return hog.survived
        ? {
            found: `it lives on, with ${hog.resident} bytes in memory`,
            cause:
              'The rest has been swapped out: a limit on swap belongs to it, and memory.oom_control must not stop the kernel',
          }
        : {
            found: 'it ended, and memory.events knows of no kill',
            cause: 'Something else than its memory limit has ended it',
          }
    },
    hints: [
      'The limit stands in the file. Where else could the memory go?',
      'The kernel’s cgroup-v2.rst, memory.swap.max: "Swap usage hard limit." v1: memory.memsw.limit_in_bytes.',
      "+    host('write', [`${directory}/memory.swap.max`, '0'], 'and no swap'),",
    ],
    why: 'the kernel first took back what it could, found nothing, and ended the largest process in the cgroup: memory.events has counted it.',
  },
  {
    id: 'pids-held',
    lesson: LESSON,
    title: 'more processes than that, and fork is refused',
    needs: 'pids',
    expected: ({ bomb }) =>
      `at most ${bomb?.asked} processes of 500, and refusals in pids.events`,
    look: ({ bomb }) => {
      if (!bomb)
        return {
          found: 'the box did not come so far with this limit alone',
          cause: 'Each limit may be given, or left out',
        }
      return bomb.refused > 0 && bomb.processes <= bomb.asked
        ? undefined
        : {
            found: `${bomb.processes} processes, ${bomb.refused} refusals`,
            cause: 'The processes are in another cgroup than the limit',
          }
    },
    hints: [
      'Is every process that the command starts in the cgroup? In which one is a new process?',
      'man 7 cgroups. Look for: "A child process created by fork(2) inherits its parent\'s cgroup memberships."',
      "-    host('write', [`${directory}/cgroup.procs`, String(pid)], 'too late: it has children'),\n+    box('write', [`${directory}/cgroup.procs`, '0'], 'before it has any'),",
    ],
    why: 'children are born in the cgroup of their parent, so all of them were counted together.',
  },
  {
    id: 'cgroup-gone',
    lesson: LESSON,
    title: 'its cgroup is gone with it',
    needs: 'member',
    expected: () => 'no cgroup is left when the program has ended',
    look: ({ left: { cgroups } }) =>
      cgroups.length === 0
        ? undefined
        : {
            found: `left: ${cgroups.slice(0, 3).join(', ')}`,
            cause:
              'A cgroup is a directory, and does not go by itself: rmdir(2), when nobody is in it any more',
          },
    hints: [
      'Who removes a directory that nobody needs? When can it be removed, and when not?',
      'man 7 cgroups, "Removing cgroups". Look for: "it must first have no child cgroups and contain no (nonzombie) processes."',
      "     host('mkdir', [directory, 0o755], 'a cgroup', {\n+      undo: { call: 'remove_cgroup', args: [directory] },\n     }),",
    ],
    why: 'the undo of mkdir stands beside it, and is played when the last process has ended.',
  },
]
// #endregion checks

const names = (cgroups: readonly CgroupFacts[] = []): string =>
  cgroups.map(({ controller }) => controller).join(', ')

const cgroupFor = (name: string, box: Facts['box']): CgroupFacts | undefined =>
  box?.shares?.cgroups.find(({ controller }) => controller === name)

function notOffered(name: keyof typeof OPTION): NonNullable<Check['unseen']> {
  return ({ asked }) =>
    asked.limits[OPTION[name]] === undefined
      ? `no ${name} controller on this machine`
      : undefined
}

const OPTION = {
  memory: 'memory',
  pids: 'pids',
  cpu: 'cpus',
} as const satisfies Record<string, keyof Limits>

const PARENT =
  'The limit stands in the cgroup above: in that one it is for all its children together'

const inParent = (
  above: Record<string, string>,
  file: string,
  value: number | bigint | undefined,
): string =>
  above[file] === String(value)
    ? PARENT
    : `Nobody has written it to ${file} of this cgroup`

function lookAtMemory({
  asked: {
    limits: { memory = 0n },
  },
  box,
}: Facts): Finding | undefined {
  const cgroup = cgroupFor('memory', box)
  const [hard, soft] =
    cgroup?.version === 2
      ? ['memory.max', 'memory.high']
      : ['memory.limit_in_bytes', 'memory.soft_limit_in_bytes']
  const found = cgroup?.limits[hard]
  if (found === String(memory)) return undefined
  return {
    found:
      found === undefined || !isLimit(found) ? 'no limit' : `${found} bytes`,
    cause: causeOfMemory(cgroup, hard, soft, memory),
  }
}

/** A v1 limit that nobody has set is the largest number of whole pages that there is. */
const isLimit = (value: string): boolean =>
  value !== 'max' && BigInt(value) < 1n << 60n

function causeOfMemory(
  cgroup: CgroupFacts | undefined,
  hard: string,
  soft: string,
  memory: bigint,
): string {
  const { limits = {}, above = {} } = cgroup ?? {}
  if (limits[soft] === String(memory))
    return `${soft} is soft: above it the kernel takes memory back, and ends nobody. The hard limit is ${hard}`
  if (above[hard] === String(memory)) return PARENT
  return isLimit(limits[hard] ?? 'max')
    ? `The unit: ${hard} takes bytes`
    : `Nobody has written it to ${hard} of this cgroup`
}

/** v2 has `50000 100000`, or `max 100000`; v1 a file for each, and -1 for no limit. */
function shareOf(limits: Record<string, string>): number | undefined {
  const [quota, period] = limits['cpu.max']?.split(' ') ?? [
    limits['cpu.cfs_quota_us'],
    limits['cpu.cfs_period_us'],
  ]
  const share = Number(quota) / Number(period)
  return share > 0 ? share : undefined
}
