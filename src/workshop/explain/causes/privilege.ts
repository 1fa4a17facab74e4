/** Who may make a call: capabilities(7), user_namespaces(7), and what stands between a process and the kernel besides. Asked of every EPERM. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, type Attempt, type Call, type Cause, type Fault } from '../cause.ts'
import type { Scene } from '../scene.ts'

/** `<linux/capability.h>`: the bit, and the sentence that asks for it. */
const CAPABILITIES: [call: Call, name: string, bit: number, man: string][] = [
  [
    'chroot',
    'CAP_SYS_CHROOT',
    18,
    'chroot(2): Only a privileged process (Linux: one with the CAP_SYS_CHROOT capability in its user namespace) may call chroot().',
  ],
  [
    'mount',
    'CAP_SYS_ADMIN',
    21,
    'mount(2): Appropriate privilege (Linux: the CAP_SYS_ADMIN capability) is required to mount filesystems.',
  ],
  [
    'umount2',
    'CAP_SYS_ADMIN',
    21,
    'umount2(2): Appropriate privilege (Linux: the CAP_SYS_ADMIN capability) is required to unmount filesystems.',
  ],
  ['pivot_root', 'CAP_SYS_ADMIN', 21, 'pivot_root(2): The calling process does not have the CAP_SYS_ADMIN capability.'],
  [
    'unshare',
    'CAP_SYS_ADMIN',
    21,
    'unshare(2): The calling process did not have the required privileges for this operation.',
  ],
  [
    'setns',
    'CAP_SYS_ADMIN',
    21,
    'setns(2): The calling thread did not have the required capability for this operation.',
  ],
  [
    'sethostname',
    'CAP_SYS_ADMIN',
    21,
    'sethostname(2): the caller did not have the CAP_SYS_ADMIN capability in the user namespace associated with its UTS namespace',
  ],
  ['mknod', 'CAP_MKNOD', 27, 'mknod(2): the caller is not privileged (Linux: does not have the CAP_MKNOD capability)'],
]

// #region privilege
const capability = ([call, name, bit, man]: (typeof CAPABILITIES)[number]): Cause => ({
  name: `${call}/capability`,
  calls: [call],
  codes: ['EPERM'],
  precondition: `The process has the capability ${name}`,
  man,
  probe: (attempt) => {
    const { scene } = attempt
    if (isForAnyone(attempt)) return 'apart'
    if (((scene.capabilities >> BigInt(bit)) & 1n) === 1n) return 'so'
    return { fact: `process ${scene.pid} (user ${scene.uid}) does not have ${name}`, remedy: remedyFor(scene) }
  },
})
// #endregion privilege

/** A user namespace is the one that needs nobody's leave. */
const isForAnyone = (attempt: Attempt): boolean =>
  attempt.call === 'unshare' && has(number(attempt, 0), constants.CLONE_NEWUSER)

function remedyFor(scene: Scene): string {
  if (scene.uid !== 0) return 'Run it with sudo; without root is lesson 6'
  if (isContainer(scene)) return 'This is a container itself: start it with --privileged --cgroupns=private'
  return `It was taken from root on the way here: see CapBnd in /proc/${scene.pid}/status`
}

const isContainer = ({ read }: Scene): boolean =>
  ['/.dockerenv', '/run/.containerenv'].some((path) => read(path) !== undefined) ||
  read('/proc/1/environ')
    ?.split('\0')
    .some((entry) => entry.startsWith('container=')) === true

/** A namespace belongs to the user namespace that it was made in; rights count there alone. */
const owner = (call: Call, kind: 'mnt' | 'uts', what: string, flag: string): Cause => ({
  name: `${call}/foreign-namespace`,
  calls: [call],
  codes: ['EPERM'],
  precondition: `The ${what} namespace belongs to the user namespace that the process has its rights in`,
  man: 'user_namespaces(7): Privileged operations on resources governed by the nonuser namespace require that the process has the necessary capabilities in the user namespace that owns the nonuser namespace.',
  probe: ({ scene: { pid, namespaces, ours } }) =>
    namespaces.user !== ours.user && namespaces[kind] === ours[kind]
      ? {
          fact: `process ${pid} is root of a user namespace of its own only, and its ${what} namespace is the host's`,
          remedy: `Ask for a ${what} namespace of its own in it first: unshare(${flag})`,
        }
      : 'so',
})

// #region others
const EVERYWHERE: Call[] = ['chroot', 'mount', 'umount2', 'pivot_root', 'unshare', 'setns', 'sethostname', 'mknod']

const seccomp: Cause = {
  name: 'any/seccomp',
  calls: EVERYWHERE,
  codes: ['EPERM', 'ENOSYS'],
  precondition: 'No seccomp filter refuses the call before the kernel looks at it',
  man: 'seccomp(2): SECCOMP_RET_ERRNO',
  probe: ({ scene }): Fault | 'so' =>
    scene.filtered
      ? {
          fact: `process ${scene.pid} has a seccomp filter, and its answer may be this`,
          remedy: isContainer(scene)
            ? 'This is a container itself: start it with --privileged --cgroupns=private'
            : `See Seccomp in /proc/${scene.pid}/status; a filter never goes away: start from somewhere without one`,
        }
      : 'so',
}

const securityModule: Cause = {
  name: 'any/security-module',
  calls: EVERYWHERE,
  codes: ['EPERM', 'EACCES'],
  precondition: 'No security module confines the process',
  man: 'proc(5): The contents of this file represent the current security attributes of the process.',
  probe: ({ scene }): Fault | 'so' | 'unknown' => {
    const label = scene.read(`/proc/${scene.pid}/attr/current`)?.replace(/\0/g, '').trim()
    if (!label) return 'unknown'
    if (/^(unconfined|kernel)$|:unconfined_t:/.test(label)) return 'so'
    return {
      fact: `process ${scene.pid} is confined by the profile "${label}"`,
      remedy: 'Its log says what it refused: dmesg',
    }
  },
}
// #endregion others

export const privilegeCauses: Cause[] = [
  ...CAPABILITIES.map(capability),
  owner('mount', 'mnt', 'mount', 'CLONE_NEWNS'),
  owner('sethostname', 'uts', 'UTS', 'CLONE_NEWUTS'),
]

/** Asked last, as they only may be it. */
export const suspicions: Cause[] = [seccomp, securityModule]
