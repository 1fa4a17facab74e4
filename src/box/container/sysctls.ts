/**
 * Lesson 13. Settings of a container's namespaces, in either of the two spellings that sysctl(8) has: whichever of "." and "/" comes first parts the
 * names, and the other one is a dot in a name, such as an interface's.
 */
import type { Spec } from '../../oci/spec.ts'
import { NotAConfig } from '../../oci/rule.ts'
import { box, type Wall } from '../../plan/plan.ts'
import { OWNERS } from '../sysctls.ts'

// #region sysctls
export const containerSysctls: Wall = {
  name: 'container-sysctls',
  lesson: 13,
  steps: (spec) =>
    Object.entries(spec.linux.sysctl ?? {}).map(([key, value]) =>
      box('write', [fileOf(key, spec), value], 'a setting of its namespaces'),
    ),
}
// #endregion sysctls

// #region key
/** A name that is none, or that leads upwards, would be another file (CVE-2025-52881). */
function fileOf(key: string, spec: Spec): string {
  const names = namesIn(key)
  const refuse = (fact: string, remedy: string): never => {
    throw new NotAConfig(`linux.sysctl[${JSON.stringify(key)}]`, fact, remedy)
  }
  if (
    names.length < 2 ||
    names.some((name) => !/^[\w@:-][\w.@:-]*$/.test(name))
  )
    refuse('is not the name of a setting', 'Such as net.ipv4.ip_forward')
  const setting = names.join('.')
  if (setting === 'kernel.hostname')
    refuse('is what the field hostname is for', 'Say it there')
  const owner = OWNERS.find(([pattern]) => pattern.test(setting))?.[1]
  if (owner === undefined)
    return refuse(
      'would be set for the whole machine: no namespace has its own',
      'Set it on the host, if it has to be',
    )
  if (!spec.linux.namespaces.some(({ type }) => type === owner))
    refuse(
      `belongs to the ${owner} namespace, and the container has the one that it is made in`,
      `Add { "type": "${owner}" } to linux.namespaces`,
    )
  return `/proc/sys/${names.join('/')}`
}

/** `net.ipv4.conf.eth0/7.forwarding` and `net/ipv4/conf/eth0.7/forwarding` are one. */
function namesIn(key: string): string[] {
  const parting = /[./]/.exec(key)?.[0] ?? '.'
  const other = parting === '.' ? '/' : '.'
  return key.split(parting).map((name) => name.replaceAll(other, '.'))
}
// #endregion key
