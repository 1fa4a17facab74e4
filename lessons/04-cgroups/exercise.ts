/**
 * Lesson 4, your wall: a fair share. The directories are made; which of the two generations of cgroups this machine has is seen to.
 *
 *   boxwright stage 4 run --wall THIS_FILE --memory 64m --pids 32 --cpus 0.5 sh
 *   boxwright attack fork-bomb                      what it is for
 *   boxwright check 4                               to have it judged
 */
import { join } from 'node:path'
import { cgroupV1 } from '../../src/box/cgroup-v1.ts'
import { cgroupV2 } from '../../src/box/cgroup-v2.ts'
import { host, type Draft, type Wall } from '../../src/plan/plan.ts'

type Name = 'memory' | 'pids' | 'cpu'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: ({ linux: { cgroupsPath: path, resources } }, { cgroups }) => {
    const wanted: Name[] = ['memory', 'pids', 'cpu']
    const share = { path, wanted, resources, cgroups }
    const drivers = [cgroupV1, cgroupV2]
    const doors = drivers.flatMap((driver) => driver.doors(share))
    const { memory } = resources
    return [
      ...drivers.flatMap((driver) => driver.make(share)),
      // TODO 1: This limit ends nobody. Which files have the hard one, in v1 and in v2?
      ...limit(
        'memory',
        ['memory.soft_limit_in_bytes', 'memory.high'],
        memory?.limit,
      ),
      // TODO 2: pids has one file, of the same name in v1 and v2. cpu has two files in v1; in v2 it is one line, "quota period".
      // TODO 3: The cgroup has a limit, and nobody is in it. Who writes what to each door? `box` stands beside `host`.
      ...doors.flatMap((_door) => []),
    ]

    /** Writes a value to the file of the generation that this machine has for it. */
    function limit(
      name: Name,
      [v1, v2]: [string, string],
      value?: bigint | string,
    ): Draft[] {
      const mount = cgroups.v1[name]
      const file = mount
        ? join(mount, path, v1)
        : join(cgroups.v2?.base ?? '', path, v2)
      return value === undefined
        ? []
        : [host('write', [file, String(value)], `a limit on ${name}`)]
    }
  },
}
