/**
 * Lesson 8. Settings of the kernel's that a namespace has its own of: written to the box's /proc/sys before that is made read-only. All others are
 * the machine's, and refused: sysctl(8), namespaces(7).
 */
import type { NamespaceType, Spec } from '../oci/spec.ts'
import { box, type Wall } from '../plan/plan.ts'

/** Which namespace has its own of what: ipc_namespaces(7), uts_namespaces(7), network_namespaces(7). */
export const OWNERS: [pattern: RegExp, namespace: NamespaceType][] = [
  [/^kernel\.(msg(max|mnb|mni)|sem|shm(all|max|mni)|shm_rmid_forced)$/, 'ipc'],
  [/^fs\.mqueue\./, 'ipc'],
  [/^kernel\.domainname$/, 'uts'],
  [/^net\./, 'network'],
]

// #region sysctls
export const sysctls: Wall = {
  name: 'sysctls',
  lesson: 8,
  steps: (spec) =>
    Object.entries(spec.linux.sysctl ?? {}).map(([key, value]) =>
      box('write', [fileOf(key, spec), value], 'a setting of its namespaces'),
    ),
}
// #endregion sysctls

// #region key
/** A dot is a slash, and nothing else is: a key that brings slashes or dots of its own would lead to another file (CVE-2025-52881). */
function fileOf(key: string, { linux }: Spec): string {
  const remedy = 'Write it with dots, such as net.ipv4.ip_forward'
  if (!/^\w[\w-]*(\.\w[\w-]*)+$/.test(key))
    throw new Error(
      `Cannot set sysctl "${key}": it is not the name of one\n  ${remedy}`,
    )
  const owner = OWNERS.find(([pattern]) => pattern.test(key))?.[1]
  if (owner === undefined)
    throw new Error(
      `Cannot set sysctl "${key}": no namespace has its own, so it would be set for the whole machine\n  Set it on the host, if it has to be`,
    )
  if (!linux.namespaces.some(({ type }) => type === owner))
    throw new Error(
      `Cannot set sysctl "${key}": it belongs to the ${owner} namespace, and the box has the host's\n  Ask for a ${owner} namespace`,
    )
  return `/proc/sys/${key.replaceAll('.', '/')}`
}
// #endregion key
