/** Files and directories of cgroups, v1 and v2. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { S_IFCHR } from '../../../src/kernel/constants.ts'
import { step, Unfit, type Inject } from './injection.ts'

const write = (directory: string, file: string, value: string) => step('write', join(directory, file), value)

const below = (directory: string, name: string): string => {
  mkdirSync(join(directory, name))
  return join(directory, name)
}

/** The name of what a cgroup could hand down, if anything. */
const refuses =
  (code: string, controller: string | undefined, file: string, value: string): Inject =>
  ({ cgroup }) => ({ code, steps: [write(cgroup(controller), file, value)] })

// #region writes
export const cgroupInjections: Record<string, Inject> = {
  'cgroup/internal-processes': ({ cgroup, handedDown }) => {
    const [controller, directory] = [handedDown(), cgroup()]
    const steps = [write(directory, 'cgroup.procs', '0'), write(directory, 'cgroup.subtree_control', `+${controller}`)]
    return { code: 'EBUSY', steps }
  },
  'cgroup/hands-down': ({ cgroup, handedDown }) => {
    const [controller, directory] = [handedDown(), cgroup()]
    const steps = [write(directory, 'cgroup.subtree_control', `+${controller}`), write(directory, 'cgroup.procs', '0')]
    return { code: 'EBUSY', steps }
  },
  'cgroup/not-handed-down': ({ cgroup }) => ({
    code: 'ENOENT',
    steps: [write(below(cgroup(), 'below'), 'memory.max', '1000000')],
  }),
  'cgroup/no-such-controller': refuses('ENOENT', undefined, 'cgroup.subtree_control', '+memory'),
  'cgroup/no-such-file': refuses('ENOENT', undefined, 'no.such.limit', '1'),
  'cgroup/no-such-process': refuses('ESRCH', undefined, 'cgroup.procs', '4194303'),
  'cgroup/threaded': ({ cgroup }) => {
    const threaded = below(cgroup(), 'threaded')
    const invalid = below(threaded, 'invalid')
    return {
      code: 'ENOTSUP', // which is EOPNOTSUPP
      steps: [write(threaded, 'cgroup.type', 'threaded'), write(invalid, 'cgroup.procs', '0')],
    }
  },
  'cgroup/empty-cpuset': ({ cgroup }) => ({
    code: 'ENOSPC',
    steps: [write(onlyV1(cgroup('cpuset')), 'cgroup.procs', '0')],
  }),
  'cgroup/form': refuses('EINVAL', 'pids', 'pids.max', 'many'),
  'cgroup/cpu-quota': ({ cgroup }) => {
    const directory = cgroup('cpu')
    const file = existsSync(join(directory, 'cpu.max')) ? 'cpu.max' : 'cpu.cfs_quota_us'
    return { code: 'EINVAL', steps: [write(directory, file, '10')] }
  },
  'cgroup/no-such-processor': refuses('ERANGE', 'cpuset', 'cpuset.cpus', '0-99999'),
  'cgroup/not-in-parent': ({ cgroup }) => {
    const directory = onlyV1(cgroup('cpuset'))
    const child = below(directory, 'below')
    return { code: 'EACCES', steps: [write(child, 'cpuset.cpus', '0')] }
  },
}
// #endregion writes

// #region removal
export const removalInjections: Record<string, Inject> = {
  'cgroup/has-processes': async ({ cgroup, start }) => {
    const directory = cgroup()
    const { pid } = await start(['sh', '-c', 'echo here; exec sleep 1000'])
    writeFileSync(join(directory, 'cgroup.procs'), String(pid))
    return { code: 'EBUSY', steps: [step('rmdir', directory)] }
  },
  'cgroup/has-children': ({ cgroup }) => {
    const directory = cgroup()
    below(directory, 'child')
    return { code: 'EBUSY', steps: [step('rmdir', directory)] }
  },
  'mknod/device-cgroup': ({ cgroup, place }) => {
    const directory = cgroup('devices')
    if (!existsSync(join(directory, 'devices.deny'))) throw new Unfit('v2 has no such file: it asks a BPF program')
    const steps = [write(directory, 'devices.deny', 'a'), write(directory, 'cgroup.procs', '0')]
    return { code: 'EPERM', steps: [...steps, step('mknod', `${place}/null`, S_IFCHR | 0o666, 259)] }
  },
}
// #endregion removal

function onlyV1(directory: string): string {
  if (existsSync(join(directory, 'cgroup.controllers'))) throw new Unfit('only cpusets of v1 are so strict')
  return directory
}
