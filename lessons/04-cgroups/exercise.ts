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
import type { Machine } from '../../src/kernel/machine.ts'
import { host, type Draft, type Wall } from '../../src/plan/plan.ts'

type Name = 'memory' | 'pids' | 'cpu'

export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: ({ linux: { cgroupsPath, resources } }, machine) => {
    const wanted: Name[] = ['memory', 'pids', 'cpu']
    const drivers = [cgroupV1, cgroupV2]
    const doors = drivers.flatMap((driver) =>
      driver.doors(cgroupsPath, wanted, machine),
    )
    const { memory, pids } = resources
    return [
      ...drivers.flatMap((driver) => driver.make(cgroupsPath, wanted, machine)),
      // TODO 1: This limit ends nobody. Which file has the hard one? (v1: memory.…, v2: memory.…)
      ...limit(
        'memory',
        ['memory.soft_limit_in_bytes', 'memory.high'],
        memory?.limit,
      ),
      // TODO 2: pids is limited by a file of the same name in both: pids.max. And cpu: resources.cpu has quota and period.
      ...limit('pids', ['', ''], pids?.limit),
      // TODO 3: The cgroup has its limits, and nobody is in it. Who has to write what to each of the doors?
      ...doors.flatMap((_door) => []),
    ]

    /** Writes a value to the file of the generation that has this controller here. */
    function limit(
      name: Name,
      [v1, v2]: [string, string],
      value: bigint | string | undefined,
    ): Draft[] {
      const file = name in machine.cgroups.v1 ? v1 : v2
      if (value === undefined || file === '') return []
      return [
        host(
          'write',
          [join(place(name, machine), cgroupsPath, file), String(value)],
          `a limit on ${name}`,
        ),
      ]
    }
  },
}

const place = (name: Name, { cgroups }: Machine): string =>
  cgroups.v1[name] ?? cgroups.v2?.base ?? ''
