/** cgroups version 1: a hierarchy for each controller, and a directory of ours in each that we need. */
import { join } from 'node:path'
import type { Cgroups, Controller } from '../kernel/cgroups.ts'
import { host, type Draft } from '../plan/plan.ts'
import { limit, type CgroupDriver, type Share } from './cgroup-driver.ts'

// #region v1
export const cgroupV1: CgroupDriver = {
  make: (share) =>
    directories(share).map((directory) =>
      host('mkdir', [directory, 0o755], 'a directory here is a cgroup', {
        undo: { call: 'remove_cgroup', args: [directory] },
      }),
    ),

  limits: ({ path, wanted, cgroups, resources: { memory, pids, cpu, blockIO } }) => {
    const file = (name: Controller, file: string): string => join(cgroups.v1[name] ?? '', path, file)
    const has = (name: Controller): boolean => wanted.includes(name) && name in cgroups.v1
    return [
      ...(has('memory') && memory?.limit !== undefined ? memoryLimit(memory.limit, file, cgroups.swap) : []),
      ...(has('pids') && pids ? [limit(file('pids', 'pids.max'), pids.limit, 'processes and threads, all told')] : []),
      ...(has('cpu') && cpu?.quota !== undefined ? cpuLimit(cpu.quota, cpu.period ?? 100_000n, file) : []),
      ...(isCpuset(wanted, cgroups) ? cpusetLimit(cpu?.cpus ?? cgroups.cpuset.cpus, cgroups.cpuset.mems, file) : []),
      ...(has('io') ? ioLimit(blockIO ?? {}, file) : []),
    ]
  },

  doors: (share) => directories(share).map((directory) => join(directory, 'cgroup.procs')),
}
// #endregion v1

type FileOf = (controller: Controller, file: string) => string

/** Where cpu and cpuacct, say, are mounted together, they share a directory. */
function directories({ path, wanted, cgroups }: Share): string[] {
  const mounts = wanted.map((name) => cgroups.v1[name]).filter((mount) => mount !== undefined)
  return [...new Set(mounts)].map((mount) => join(mount, path))
}

/** Without the second line a box over its limit would be swapped out where there is swap, and live on. It must not be the first. */
const memoryLimit = (bytes: bigint, file: FileOf, swap: boolean): Draft[] => [
  limit(file('memory', 'memory.limit_in_bytes'), bytes, 'bytes of memory, page cache included'),
  ...(swap ? [limit(file('memory', 'memory.memsw.limit_in_bytes'), bytes, 'memory and swap together: no swap')] : []),
]

const cpuLimit = (quota: bigint, period: bigint, file: FileOf): Draft[] => [
  limit(file('cpu', 'cpu.cfs_period_us'), period, 'in each period of so many microseconds'),
  limit(file('cpu', 'cpu.cfs_quota_us'), quota, 'it may run for so many'),
]

/** Where cpuset is mounted together with another controller, every directory made for that one is a cpuset too. */
const isCpuset = (wanted: readonly Controller[], { v1 }: Cgroups): boolean =>
  v1.cpuset !== undefined && wanted.some((name) => v1[name] === v1.cpuset)

const cpusetLimit = (cpus: string, mems: string, file: FileOf): Draft[] => [
  limit(file('cpuset', 'cpuset.cpus'), cpus, 'the processors that it may run on'),
  limit(file('cpuset', 'cpuset.mems'), mems, 'a v1 cpuset takes nobody in before it has memory nodes'),
]

type BlockIO = NonNullable<Share['resources']['blockIO']>

const ioLimit = ({ throttleReadBpsDevice = [], throttleWriteBpsDevice = [] }: BlockIO, file: FileOf): Draft[] => [
  ...throttleReadBpsDevice.map(({ major, minor, rate }) =>
    limit(
      file('io', 'blkio.throttle.read_bps_device'),
      `${major}:${minor} ${rate}`,
      'bytes a second read from that device',
    ),
  ),
  ...throttleWriteBpsDevice.map(({ major, minor, rate }) =>
    limit(
      file('io', 'blkio.throttle.write_bps_device'),
      `${major}:${minor} ${rate}`,
      'bytes a second written to that device',
    ),
  ),
]
