/** unshare(2), setns(2), fork(2): why a namespace is not to be had. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import { isInUserNamespace } from '../scene.ts'

/** Flag, name in /proc/PID/ns, name in /proc/sys/user. */
const KINDS = [
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

/** The kind of a namespace that a path such as /proc/1/ns/uts names. */
const kindOf = (attempt: Attempt): string => text(attempt, 0).split('/').at(-1) ?? ''

const isOf = (attempt: Attempt, kind: string): boolean => attempt.args.length === 0 || kindOf(attempt) === kind

// #region setns
export const setnsCauses: Cause[] = [
  {
    name: 'setns/other-kind',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'The file is a namespace of the kind that is asked for',
    man: 'setns(2): fd refers to a namespace whose type does not match that specified in nstype.',
    args: 2,
    probe: (attempt) => {
      const wanted = KINDS.filter(([flag]) => has(number(attempt, 1), constants[flag]))
      if (wanted.length === 0 || wanted.some(([, name]) => name === kindOf(attempt))) return 'so'
      const flags = wanted.map(([flag]) => flag).join('|')
      return {
        fact: `"${text(attempt, 0)}" is no namespace of the kind ${flags}`,
        remedy: 'Name both alike, or give 0 as the kind to take any',
      }
    },
  },
  {
    name: 'setns/own-user-namespace',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'The process is not in that user namespace already',
    man: 'setns(2): The caller attempted to join the user namespace in which it is already a member.',
    args: 1,
    probe: (attempt) => {
      const { pid, namespaces } = attempt.scene
      const target = /^\/proc\/(self|\d+)\/ns\/user$/.exec(text(attempt, 0))?.[1]
      if (target === undefined) return kindOf(attempt) === 'user' ? 'unknown' : 'so'
      const same = target === 'self' || userNamespaceOf(attempt, target) === namespaces.user
      if (!same) return 'so'
      return { fact: `process ${pid} is in that user namespace already`, remedy: 'Leave the call out' }
    },
  },
  {
    name: 'setns/threads',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'A process that enters a user namespace has one thread',
    man: 'setns(2): The caller is multithreaded and tried to join a new user namespace.',
    probe: (attempt) => {
      const { pid, threads } = attempt.scene
      if (!isOf(attempt, 'user')) return 'apart'
      if (threads === 1) return 'so'
      return {
        fact: `process ${pid} has ${threads} threads`,
        remedy: 'Enter it in a program of one thread: nsenter(1); lesson 5',
      }
    },
  },
  {
    name: 'setns/shared-root',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'A process that enters a mount namespace shares its root directory with no thread',
    man: "setns(2): A process can't join a new mount namespace if it is sharing filesystem-related attributes",
    probe: (attempt) => {
      const { pid, threads } = attempt.scene
      if (!isOf(attempt, 'mnt')) return 'apart'
      if (threads === 1) return 'so'
      return {
        fact: `process ${pid} has ${threads} threads, which share one root and one working directory`,
        remedy: 'Have root and working directory of its own first: unshare(CLONE_FS)',
      }
    },
  },
]
// #endregion setns

const userNamespaceOf = ({ scene }: Attempt, pid: string): number | undefined => {
  const place = scene.look(`/proc/${pid}/ns/user`)
  return place.found ? place.inode : undefined
}

// #region fork
export const forkCauses: Cause[] = [
  {
    name: 'fork/pids-max',
    calls: ['fork'],
    codes: ['EAGAIN'],
    precondition: 'No cgroup that the process is in is at its limit of processes',
    man: 'fork(2): the PID limit (pids.max) imposed by the cgroup "process number" (PIDs) controller was reached.',
    probe: ({ scene }) => {
      const full = scene.cgroups.find((path) => {
        const most = numberIn(scene.read(`${path}/pids.max`))
        return most !== Infinity && numberIn(scene.read(`${path}/pids.current`)) >= most
      })
      if (full === undefined) return 'so'
      return {
        fact: `${full}/pids.max is ${scene.read(`${full}/pids.max`)?.trim() ?? ''}, and as many processes are in it`,
        remedy: 'End some, or allow more: --pids with a larger number',
      }
    },
  },
  {
    name: 'fork/nproc',
    calls: ['fork'],
    codes: ['EAGAIN'],
    precondition: 'The user is below their limit of processes',
    man: 'fork(2): the RLIMIT_NPROC soft resource limit (set via setrlimit(2)), which limits the number of processes and threads for a real user ID, was reached',
    probe: ({ scene }) => {
      const limit = numberIn(/^Max processes\s+(\d+)/m.exec(scene.read(`/proc/${scene.pid}/limits`) ?? '')?.[1])
      const exempt = scene.uid === 0 && !isInUserNamespace(scene)
      if (exempt || limit === Infinity) return 'so'
      const running = scene.processes().reduce((sum, { uid, threads }) => sum + (uid === scene.uid ? threads : 0), 0)
      if (running < limit) return 'so'
      return {
        fact: `user ${scene.uid} has ${running} processes and threads, and may have ${limit}`,
        remedy: 'End some, or raise the limit: ulimit -u',
      }
    },
  },
  {
    name: 'fork/init-is-gone',
    calls: ['fork'],
    codes: ['ENOMEM'],
    precondition: 'PID 1 of the PID namespace that the child would be born in is alive',
    man: 'fork(2): An attempt was made to create a child process in a PID namespace whose "init" process has terminated.',
    probe: ({ scene: { pid, namespaces, processes } }) => {
      const { pid_for_children: next } = namespaces
      if (next === undefined || next === namespaces.pid) return 'so' // the first child there is PID 1 itself
      if (processes().some((other) => other.pidNamespace === next)) return 'so'
      return {
        fact: `process ${pid} has its children born in a PID namespace whose PID 1 has ended`,
        remedy: 'Have one child born there, and come back: setns to /proc/self/ns/pid',
      }
    },
  },
]
// #endregion fork

/** `max`, and a file that is not there, are no limit. */
const numberIn = (value: string | undefined): number =>
  /^\d+/.test(value ?? '') ? parseInt(value ?? '', 10) : Infinity
