/** What to do about a step that the kernel refused, on the machine that this is. The first cause that fits is the one. */
import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { environmentOf } from '../kernel/proc.ts'
import type { Step } from '../plan/plan.ts'

interface Cause {
  when: (step: Step, code: string) => boolean
  remedy: string
}

// #region causes
const CAUSES: Cause[] = [
  {
    when: ({ call }, code) => call === 'execvpe' && code === 'EACCES',
    remedy: 'The image lies on a file system mounted noexec: set BOXWRIGHT_IMAGES to a directory elsewhere',
  },
  {
    when: (_, code) => isDenied(code) && process.geteuid?.() !== 0,
    remedy: 'Run it with sudo; without root is lesson 6',
  },
  {
    when: (_, code) => isDenied(code) && isContainer(),
    remedy: 'This is a container itself: start it with --privileged --cgroupns=private',
  },
  {
    when: (_, code) => code === 'EROFS',
    remedy: 'The cgroup file system is mounted read-only: mount -o remount,rw /sys/fs/cgroup',
  },
  {
    when: ({ call }, code) => call === 'unshare' && code === 'EINVAL',
    remedy: 'This kernel was built without that namespace',
  },
  {
    when: ({ call }, code) => call === 'unshare' && code === 'ENOSPC',
    remedy: 'A limit in /proc/sys/user/max_*_namespaces is reached',
  },
  {
    when: (_, code) => code === 'EPERM',
    remedy: 'Something forbids it even to root: a seccomp filter, or a security module (see: dmesg)',
  },
  {
    when: ({ call }, code) => call === 'write' && code === 'EBUSY',
    remedy: 'The cgroup above has processes of its own: systemd-run --scope -p Delegate=yes boxwright …',
  },
  {
    when: ({ call }, code) => call === 'write' && code === 'ENOENT' && isWsl(),
    remedy: 'Set kernelCommandLine=cgroup_no_v1=all in .wslconfig',
  },
  {
    when: ({ call }, code) => call === 'write' && code === 'ENOENT',
    remedy: 'This kernel does not have that limit: leave it out',
  },
  {
    when: ({ call }, code) => call === 'write' && code === 'EINVAL',
    remedy: 'The kernel does not take that value: try another',
  },
  {
    when: ({ call }, code) => call === 'write' && code === 'ERANGE',
    remedy: 'The machine has no such processor: see nproc',
  },
]
// #endregion causes

export const remedyFor = (step: Step, code: string): string =>
  CAUSES.find(({ when }) => when(step, code))?.remedy ?? `The man page says when that can be: man 2 ${step.call}`

const isDenied = (code: string): boolean => ['EPERM', 'EACCES'].includes(code)

const isContainer = (): boolean =>
  existsSync('/.dockerenv') ||
  existsSync('/run/.containerenv') ||
  environmentOf(1).some((entry) => entry.startsWith('container='))

const isWsl = (): boolean => /microsoft/i.test(release())

/** Why a user who is not root may not make a user namespace: user_namespaces(7), and what distributions have added. */
export function userNamespaceRemedy(): string {
  const isSet = (path: string, value: string): boolean =>
    existsSync(path) && readFileSync(path, 'utf8').trim() === value
  if (isSet('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'))
    return 'AppArmor restricts user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'
  if (isSet('/proc/sys/kernel/unprivileged_userns_clone', '0'))
    return 'Allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1'
  if (isSet('/proc/sys/user/max_user_namespaces', '0'))
    return 'Allow user namespaces: sysctl -w user.max_user_namespaces=15000'
  return isContainer()
    ? 'This is a container itself: its seccomp filter forbids them'
    : 'This kernel was built without user namespaces'
}
