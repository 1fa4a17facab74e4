/** What a container has used, in the words of runC's `events`. Each figure comes from the version of cgroups that has its controller. */
import { countIn, countsIn, having, textOf, type Count } from '../kernel/cgroup-numbers.ts'
import type { Pressure, Stats } from './figures.ts'
import { blkioV1, cpusetV1, cpuV1, hugetlbV1, memoryV1 } from './stats-v1.ts'
import { blkioV2, cpuV2, hugetlbV2, memoryV2 } from './stats-v2.ts'

// #region stats
export function statsOf(cgroups: readonly string[]): Stats {
  const [cpuacct, memory, blkio, cpuset] = [
    'cpuacct.usage',
    'memory.usage_in_bytes',
    'blkio.reset_stats',
    'cpuset.mem_hardwall',
  ].map((file) => having(cgroups, file))
  const tree = having(cgroups, 'cgroup.controllers')
  const pids = having(cgroups, 'pids.max')
  return {
    cpu:
      cpuacct !== undefined
        ? cpuV1(cpuacct, having(cgroups, 'cpu.shares'))
        : { ...cpuV2(tree), ...pressure(tree, 'cpu') },
    cpuset: cpuset !== undefined ? cpusetV1(cpuset) : {},
    memory: memory !== undefined ? memoryV1(memory) : { ...memoryV2(tree), ...pressure(tree, 'memory') },
    pids: pids === undefined ? { current: 0, limit: 0 } : pidsOf(pids),
    blkio: blkio !== undefined ? blkioV1(blkio) : { ...blkioV2(tree), ...pressure(tree, 'io') },
    hugetlb: { ...hugetlbV1(cgroups), ...hugetlbV2(tree) },
    intel_rdt: {},
    network_interfaces: null,
  }
}
// #endregion stats

/** Without a limit it is 0, as with runC. */
const pidsOf = (directory: string): Stats['pids'] => ({
  current: countIn(directory, 'pids.current'),
  limit: textOf(directory, 'pids.max')?.trim() === 'max' ? 0 : countIn(directory, 'pids.max'),
})

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` */
function pressure(directory: string | undefined, what: string): { psi?: Pressure } {
  const text = directory === undefined ? undefined : textOf(directory, `${what}.pressure`)
  if (!text) return {}
  const pairs = (line: string): [string, number][] =>
    [...line.matchAll(/(\w+)=([\d.]+)/g)].map(([, name = '', value]) => [name, Number(value)])
  const lines = text.trim().split('\n')
  return { psi: Object.fromEntries(lines.map((line) => [line.split(' ')[0] ?? '', Object.fromEntries(pairs(line))])) }
}

/** Killed for want of memory so far; and, where nobody is to be killed, whether somebody waits for memory just now. */
export function outOfMemory(cgroups: readonly string[]): { kills: Count; waits: boolean } {
  const v1 = having(cgroups, 'memory.oom_control')
  const v2 = having(cgroups, 'memory.events')
  const { oom_kill: kills = 0, under_oom: waits = 0 } =
    v1 !== undefined ? countsIn(v1, 'memory.oom_control') : v2 !== undefined ? countsIn(v2, 'memory.events') : {}
  return { kills, waits: waits === 1 }
}
