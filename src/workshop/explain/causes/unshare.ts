/** unshare(2): why a namespace is not to be had. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, numberIn, type Attempt, type Cause, type Verdict } from '../cause.ts'

/** Flag, name in /proc/PID/ns, name in /proc/sys/user. */
export const KINDS = [
  ['CLONE_NEWNS', 'mnt'],
  ['CLONE_NEWCGROUP', 'cgroup'],
  ['CLONE_NEWUTS', 'uts'],
  ['CLONE_NEWIPC', 'ipc'],
  ['CLONE_NEWUSER', 'user'],
  ['CLONE_NEWPID', 'pid'],
  ['CLONE_NEWNET', 'net'],
] as const

const asked = (attempt: Attempt): (typeof KINDS)[number][] =>
  KINDS.filter(([flag]) => has(number(attempt, 0), constants[flag]))

const wantsUser = (attempt: Attempt): boolean => has(number(attempt, 0), constants.CLONE_NEWUSER)

/** Where nothing else is known, a cause of user namespaces is one only for a call that asks for one. */
const ofUser =
  (look: (attempt: Attempt) => Verdict) =>
  (attempt: Attempt): Verdict =>
    attempt.args.length === 0 || wantsUser(attempt) ? look(attempt) : 'apart'

const sysctl = (attempt: Attempt, path: string): string | undefined => attempt.scene.read(`/proc/sys/${path}`)?.trim()

// #region unshare
export const unshareCauses: Cause[] = [
  {
    name: 'unshare/threads',
    calls: ['unshare'],
    codes: ['EINVAL'],
    precondition: 'A process that asks for a user namespace has one thread',
    man: 'unshare(2): CLONE_THREAD, CLONE_SIGHAND, or CLONE_VM was specified in flags, and the caller is multithreaded.',
    args: 1,
    probe: ofUser(({ scene }) =>
      scene.threads > 1
        ? {
            fact: `process ${scene.pid} has ${scene.threads} threads, and CLONE_NEWUSER implies CLONE_THREAD`,
            remedy: 'Ask in a program of one thread: unshare --user …. Node always has several: lesson 5',
          }
        : 'so',
    ),
  },
  {
    name: 'unshare/pid-twice',
    calls: ['unshare'],
    codes: ['EINVAL'],
    precondition: 'A process asks for a PID namespace once',
    man: 'unshare(2): CLONE_NEWPID was specified in flags, but the process has previously called unshare() with the CLONE_NEWPID flag.',
    args: 1,
    probe: (attempt) => {
      const { pid, namespaces } = attempt.scene
      if (!has(number(attempt, 0), constants.CLONE_NEWPID) || namespaces.pid === namespaces.pid_for_children)
        return 'so'
      return {
        fact: `the next child of process ${pid} will be born in another PID namespace already`,
        remedy: 'Have the child born first, and ask again in it',
      }
    },
  },
  {
    name: 'unshare/not-in-this-kernel',
    calls: ['unshare'],
    codes: ['EINVAL'],
    precondition: 'This kernel was built with that kind of namespace',
    man: 'unshare(2): but the kernel was not configured with the CONFIG_USER_NS option.',
    args: 1,
    probe: (attempt) => {
      const missing = asked(attempt).find(([, name]) => attempt.scene.namespaces[name] === undefined)
      if (!missing) return 'so'
      return {
        fact: `there is no /proc/${attempt.scene.pid}/ns/${missing[1]}: this kernel was built without that namespace`,
        remedy: `Leave ${missing[0]} out, or boot a kernel that has it`,
      }
    },
  },
  {
    name: 'unshare/limit',
    calls: ['unshare'],
    codes: ['ENOSPC'],
    precondition: 'The limit on namespaces of that kind is not reached',
    man: 'unshare(2): doing so would have caused the limit defined by the corresponding file in /proc/sys/user to be exceeded.',
    args: 1,
    probe: (attempt) => {
      const limit = asked(attempt)
        .map(([, name]) => `/proc/sys/user/max_${name}_namespaces`)
        .find((path) => numberIn(attempt.scene.read(path)) === 0)
      if (limit === undefined) return 'unknown'
      return { fact: `${limit} is 0`, remedy: `Allow some: sysctl -w user.${limit.split('/').at(-1) ?? ''}=15000` }
    },
  },
  {
    name: 'unshare/chroot',
    calls: ['unshare'],
    codes: ['EPERM'],
    precondition: 'A process that asks for a user namespace has the root of its mount namespace',
    man: "unshare(2): the caller's root directory does not match the root directory of the mount namespace in which it resides",
    probe: ofUser(({ scene: { pid, root } }) =>
      root === '/'
        ? 'so'
        : {
            fact: `the root of process ${pid} is "${root}": it has called chroot(2)`,
            remedy: 'Ask for the user namespace before chroot, or use pivot_root in its place',
          },
    ),
  },
  {
    name: 'unshare/apparmor',
    calls: ['unshare'],
    codes: ['EPERM', 'EACCES'],
    precondition: 'AppArmor lets anyone have a user namespace',
    man: "sysctl(8): kernel.apparmor_restrict_unprivileged_userns is Ubuntu's own; man-pages do not have it",
    probe: ofUser((attempt) => {
      if (isPrivileged(attempt) || sysctl(attempt, 'kernel/apparmor_restrict_unprivileged_userns') !== '1') return 'so'
      return {
        fact: 'kernel.apparmor_restrict_unprivileged_userns is 1: AppArmor restricts user namespaces',
        remedy: 'AppArmor restricts user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
      }
    }),
  },
  {
    name: 'unshare/not-for-users',
    calls: ['unshare'],
    codes: ['EPERM'],
    precondition: 'This distribution lets anyone have a user namespace',
    man: "sysctl(8): kernel.unprivileged_userns_clone is Debian's own; man-pages do not have it",
    probe: ofUser((attempt) => {
      if (isPrivileged(attempt) || sysctl(attempt, 'kernel/unprivileged_userns_clone') !== '0') return 'so'
      return {
        fact: 'kernel.unprivileged_userns_clone is 0',
        remedy: 'Allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1',
      }
    }),
  },
  {
    name: 'unshare/unmapped',
    calls: ['unshare'],
    codes: ['EPERM'],
    precondition: 'The process is somebody in the user namespace that it is in',
    man: 'unshare(2): either the effective user ID or the effective group ID of the caller does not have a mapping in the parent namespace',
    probe: ofUser(({ scene: { pid, uidMap } }) =>
      uidMap === ''
        ? {
            fact: `/proc/${pid}/uid_map is empty: process ${pid} has no user ID where it is`,
            remedy: `Write it first: echo "0 $(id -u) 1" > /proc/${pid}/uid_map`,
          }
        : 'so',
    ),
  },
]
// #endregion unshare

const isPrivileged = ({ scene }: Attempt): boolean => ((scene.capabilities >> 21n) & 1n) === 1n
