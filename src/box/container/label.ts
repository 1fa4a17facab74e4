/** Lesson 13. A label for all files of a file system, where SELinux is to ask for it: mount(8), "context=". */
import type { Machine } from '../../kernel/machine.ts'
import type { Spec } from '../../oci/spec.ts'

/** What is the kernel's own has labels that are the kernel's. */
const OWN = ['proc', 'sysfs', 'mqueue', 'cgroup', 'cgroup2', 'none']

// #region label
/** @returns the options with the label among them, where there is somebody to read it. */
export function labelled(
  data: string,
  type: string,
  { linux: { mountLabel = '' } }: Spec,
  { security: { labels } }: Machine,
): string {
  if (mountLabel === '' || labels !== 'selinux' || OWN.includes(type))
    return data
  return `${data === '' ? '' : `${data},`}context="${mountLabel}"`
}
// #endregion label
