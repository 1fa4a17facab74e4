/** Lesson 8. A label for the program that comes next, by which a security module knows what it may do: apparmor(7), selinux(8), execve(2). */
import type { Security } from '../kernel/security.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'

// #region labels
export const labels: Wall = {
  name: 'labels',
  lesson: 8,
  steps: ({ process: { apparmorProfile, selinuxLabel } }, { security }) => [
    ...(apparmorProfile === undefined
      ? []
      : labelled('apparmor', apparmorProfile, security)),
    ...(selinuxLabel === undefined
      ? []
      : labelled('selinux', selinuxLabel, security)),
  ],
}
// #endregion labels

/** proc_pid_attr(5): taken on at the next execve(2). */
function labelled(
  module: 'apparmor' | 'selinux',
  label: string,
  { labels }: Security,
): Draft[] {
  if (labels !== module)
    throw new Error(
      `Cannot label the command "${label}": this kernel has ${labels === 'none' ? 'no security module with labels' : labels}\n  Leave process.${module === 'apparmor' ? 'apparmorProfile' : 'selinuxLabel'} out, or see what is there with: boxwright doctor`,
    )
  return [
    box(
      'write',
      ['/proc/self/attr/exec', module === 'apparmor' ? `exec ${label}` : label],
      `what ${module} will know it by`,
    ),
  ]
}
