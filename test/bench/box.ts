/** The box that is measured: namespaces, file systems, devices, a seccomp filter of the usual size; and no cgroup, unless it is asked for. */
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { CLONE_NEWNET } from '../../src/kernel/constants.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { defaultSeccomp } from '../../src/oci/seccomp-default.ts'
import type { Spec } from '../../src/oci/spec.ts'
import { box, type Wall } from '../../src/plan/plan.ts'

const PROFILE = defaultSeccomp([])
export const FILTER = compileSeccomp(PROFILE)
const PR_SET_NO_NEW_PRIVS = 38

/** What all that are compared make, and nothing else: hidden paths, rights and resources are left out for each of them. */
export const specOf = (rootfs: string, id: string, networked = true): Spec => {
  const spec = defaultSpec({ id, rootfs, args: ['/bin/true'], namespaces: networked ? ['network'] : [] })
  const none = { maskedPaths: [], readonlyPaths: [], sysctl: {}, resources: {} }
  return { ...spec, linux: { ...spec.linux, ...none, seccomp: PROFILE } }
}

/** A network of its own with nothing in it: what goes on in there is not what is measured. */
const emptyNetwork: Wall = {
  name: 'empty-network',
  lesson: 7,
  steps: ({ linux }) =>
    linux.namespaces.some(({ type }) => type === 'network')
      ? [box('unshare', [CLONE_NEWNET], 'a network of its own')]
      : [],
}

const filter: Wall = {
  name: 'filter',
  lesson: 8,
  steps: () => [
    box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], 'a filter is for those who gain nothing by execve'),
    box('seccomp', [0, FILTER.toString('hex')], 'asked before each call from here on'),
  ],
}

export const WALLS: readonly Wall[] = [namespaces, emptyNetwork, mounts, devices, filter, command]
