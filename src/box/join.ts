/**
 * Lesson 13. A command that comes later into a box that is there: it is born in the box's namespaces and cgroups, all of them at once, and no wall has
 * to be built again. setns(2), clone3(2).
 */
import { join } from 'node:path'
import * as constants from '../kernel/constants.ts'
import type { NamespaceType } from '../oci/spec.ts'
import { box, BOX, host, type Draft, type Wall } from '../plan/plan.ts'

/** Mounts last: they change what a path leads to. */
const KINDS: [type: NamespaceType, flag: number, file: string][] = [
  ['user', constants.CLONE_NEWUSER, 'user'],
  ['pid', constants.CLONE_NEWPID, 'pid'],
  ['network', constants.CLONE_NEWNET, 'net'],
  ['ipc', constants.CLONE_NEWIPC, 'ipc'],
  ['uts', constants.CLONE_NEWUTS, 'uts'],
  ['cgroup', constants.CLONE_NEWCGROUP, 'cgroup'],
  ['time', constants.CLONE_NEWTIME, 'time'],
  ['mount', constants.CLONE_NEWNS, 'mnt'],
]

/** Whom to join: a process, and its cgroups as directories, of which one at most is of version 2. */
export interface Joined {
  pid: number
  v1: readonly string[]
  v2?: string
}

// #region join
export const joinBox = ({ pid, v1, v2 }: Joined): Wall => ({
  name: 'join-box',
  lesson: 13,
  steps: ({ linux: { namespaces } }) => {
    const has = (wanted: NamespaceType): boolean =>
      namespaces.some(({ type }) => type === wanted)
    return [
      ...KINDS.filter(([type]) => has(type)).map(([type, flag, file]) =>
        host(
          'setns',
          [`/proc/${pid}/ns/${file}`, flag],
          `its ${type} namespace`,
        ),
      ),
      ...(v2 === undefined
        ? []
        : [host('clone_into_cgroup', [v2], 'born in its cgroup')]),
      ...v1.map((directory) =>
        host(
          'write',
          [join(directory, 'cgroup.procs'), BOX],
          'and in this one',
        ),
      ),
      ...(has('user') ? becomesRoot : []),
      box('chdir', ['/'], 'stand in its root'),
    ]
  },
})
// #endregion join

/** In a user namespace that was joined it is nobody yet. */
const becomesRoot: Draft[] = [
  box('setgroups', [[]], 'in none of those from before'),
  box('setgid', [0], 'root, in there'),
  box('setuid', [0], 'root, in there'),
]
