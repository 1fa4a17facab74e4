/**
 * Whose the container's cgroup is. A container with users of its own that sees the tree of version 2, from its own cgroup on and to be written, may divide
 * it for its processes, as systemd in it wants to: then the directory is its root's, and of its files those that the kernel lists as safe to hand over.
 */
import { join } from 'node:path'
import type { CgroupPlace } from '../../kernel/cgroups.ts'
import { MS_RDONLY } from '../../kernel/constants.ts'
import type { Spec } from '../../oci/spec.ts'
import { host, type Draft } from '../../plan/plan.ts'
import { mountOptions } from '../mount-options.ts'

// #region ownership
/** config-linux.md §cgroup-ownership. Limits stay ours: their files are not in the list, cgroups(7), "Delegation". */
export function handedOver(
  spec: Spec,
  { sites, delegated = USUAL }: CgroupPlace,
): Draft[] {
  const owner = rootOf(spec)
  const [tree, ...others] = sites
  if (tree?.version !== 2 || others.length > 0) return []
  if (owner === undefined || !mayDivide(spec)) return []
  return ['.', ...delegated].map((name) =>
    host(
      'lchown',
      [join(tree.directory, name), owner, SAME],
      'the container’s root may divide it',
      { fine: ['ENOENT'] }, // a file of a controller that it does not have
    ),
  )
}

/** Before kernels had a list of their own: /sys/kernel/cgroup/delegate. */
const USUAL = ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']
const SAME = -1

function mayDivide({ linux, mounts }: Spec): boolean {
  const isShown = mounts.some(
    ({ type, options }) =>
      type === 'cgroup' && (mountOptions(options).flags & MS_RDONLY) === 0,
  )
  const isNew = ({ type, path }: { type: string; path?: string }): boolean =>
    type === 'cgroup' && path === undefined
  return isShown && linux.namespaces.some(isNew)
}

/** As the host counts. Of a user namespace that is joined the configuration does not say. */
const rootOf = ({ linux }: Spec): number | undefined =>
  linux.uidMappings.find(({ containerID }) => containerID === 0)?.hostID
// #endregion ownership
