/**
 * Lesson 2. A view of its own. A namespace holds one kind of name – host names, process numbers, mount points – and a process
 * sees the names of the namespaces that it is in: namespaces(7).
 */
import * as constants from '../kernel/constants.ts'
import type { NamespaceType } from '../oci/spec.ts'
import { box, host, type Wall } from '../plan/plan.ts'

const { CLONE_NEWPID } = constants

const FLAGS: Record<NamespaceType, number> = {
  mount: constants.CLONE_NEWNS,
  uts: constants.CLONE_NEWUTS,
  ipc: constants.CLONE_NEWIPC,
  cgroup: constants.CLONE_NEWCGROUP,
  pid: CLONE_NEWPID,
}

// #region namespaces
export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ linux, hostname }) => {
    const wanted = linux.namespaces.map(({ type }) => type)
    const rest = wanted.filter((type) => type !== 'pid').reduce((flags, type) => flags | FLAGS[type], 0)
    return [
      // A process never changes its own number, so this one must be asked for before there is a process.
      ...(wanted.includes('pid')
        ? [host('unshare', [CLONE_NEWPID], 'the next child is born as PID 1 of a new world')]
        : []),
      ...(rest ? [box('unshare', [rest], 'host name, mounts, IPC, cgroups: names of its own')] : []),
      ...(wanted.includes('uts') ? [box('sethostname', [hostname], 'seen in this UTS namespace alone')] : []),
    ]
  },
}
// #endregion namespaces
