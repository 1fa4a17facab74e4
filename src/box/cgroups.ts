/**
 * Lesson 4. A fair share. A cgroup is a directory in a file system that the kernel makes up: making one is mkdir(2), a limit is a line written
 * to a file in it, and a process is in it when its number has been written to `cgroup.procs`.
 */
import { offers, type Cgroups, type Controller } from '../kernel/cgroups.ts'
import type { Resources } from '../oci/resources.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'
import { cgroupV1 } from './cgroup-v1.ts'
import { cgroupV2 } from './cgroup-v2.ts'

// #region cgroups
export const cgroups: Wall = {
  name: 'cgroups',
  lesson: 4,
  steps: ({ linux: { cgroupsPath: path, resources } }, { cgroups }) => {
    const wanted = controllersFor(resources, cgroups)
    const share = { path, wanted, resources, cgroups }
    return [
      ...drivers.flatMap((driver) => driver.make(share)),
      ...drivers.flatMap((driver) => driver.limits(share)),
      ...drivers.flatMap((driver) => driver.doors(share)).map(enter),
    ]
  },
}
// #endregion cgroups

const drivers = [cgroupV1, cgroupV2]

const enter = (door: string): Draft =>
  box('write', [door, '0'], '0 is whoever writes: the box walks in by itself')

/** Memory and processes are always counted, so that there is something to see; the others when a limit asks for them. */
export function controllersFor(
  resources: Resources,
  cgroups: Cgroups,
): Controller[] {
  const asked: [Controller, unknown][] = [
    ['memory', resources.memory],
    ['pids', resources.pids],
    ['cpu', resources.cpu?.quota],
    ['cpuset', resources.cpu?.cpus],
    ['io', resources.blockIO],
  ]
  for (const [name, limit] of asked)
    if (limit !== undefined && !offers(cgroups, name))
      throw cannotGive(name, cgroups)
  return asked
    .filter(
      ([name, limit]) =>
        limit !== undefined ||
        (['memory', 'pids'].includes(name) && offers(cgroups, name)),
    )
    .map(([name]) => name)
}

function cannotGive(name: Controller, { layout, closed }: Cgroups): Error {
  if (closed)
    return new Error(
      `Cannot set a limit on ${name}: without root no cgroup with it is ours\n  Where there is systemd, it gives you one: systemd-run --user --scope -p Delegate=yes boxwright …`,
    )
  const fact =
    layout === 'none'
      ? 'no cgroup file system is mounted here'
      : `this machine's cgroups (${layout}) have no ${name} controller`
  return new Error(
    `Cannot set a limit on ${name}: ${fact}\n  Leave the limit out, or see what is there with: boxwright doctor`,
  )
}
