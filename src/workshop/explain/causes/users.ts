/** Who a process is, and whose files are whose: setuid(2), setgid(2), setgroups(2), ID-mapped mounts, and numbers without a meaning. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, type Attempt, type Cause, type Verdict } from '../cause.ts'
import { isInUserNamespace } from '../scene.ts'

const BECOME = [
  ['setuid', 'uid', 'CAP_SETUID', 7n],
  ['setgid', 'gid', 'CAP_SETGID', 6n],
] as const

// #region users
export const userCauses: Cause[] = [
  ...BECOME.flatMap(([call, kind, capability, bit]): Cause[] => [
    {
      name: `${call}/unmapped`,
      calls: [call],
      codes: ['EINVAL'],
      precondition: 'That number has a meaning in the user namespace of the process',
      man: `${call}(2): The ${kind === 'uid' ? 'user' : 'group'} ID specified in ${kind} is not valid in this user namespace.`,
      args: 1,
      probe: (attempt) => mapped(attempt, kind),
    },
    {
      name: `${call}/capability`,
      calls: [call],
      codes: ['EPERM'],
      precondition: `The process has the capability ${capability}`,
      man: `${call}(2): ${kind === 'uid' ? 'The user' : 'The calling process'} is not privileged`,
      probe: ({ scene }) => lacks(scene.capabilities, bit, `process ${scene.pid} does not have ${capability}`),
    },
  ]),
  {
    name: 'setgroups/denied',
    calls: ['setgroups'],
    codes: ['EPERM'],
    precondition: 'Nobody has denied setgroups(2) in the user namespace',
    man: 'setgroups(2): The use of setgroups() is denied in this user namespace.',
    probe: ({ scene: { pid, read } }) =>
      read(`/proc/${pid}/setgroups`)?.trim() === 'deny'
        ? {
            fact: `/proc/${pid}/setgroups says "deny", for good`,
            remedy:
              'Leave the step out: whoever maps one number alone keeps their groups. With newgidmap(1) it need not be denied',
          }
        : 'so',
  },
  {
    name: 'setgroups/no-map',
    calls: ['setgroups'],
    codes: ['EPERM'],
    precondition: 'The gid_map of the user namespace has been written',
    man: 'user_namespaces(7): calls to setgroups(2) are also not permitted if /proc/pid/gid_map has not yet been set.',
    probe: ({ scene: { pid, read } }) =>
      read(`/proc/${pid}/gid_map`)?.trim() === ''
        ? { fact: `/proc/${pid}/gid_map is empty`, remedy: `Write it first: host('write', ['/proc/{box}/gid_map', …])` }
        : 'so',
  },
  {
    name: 'mount_setattr/not-for-users',
    calls: ['mount_setattr'],
    codes: ['EPERM'],
    precondition: 'Who maps the IDs of a mount is root where its file system was mounted: of the host, as a rule',
    man: 'mount_setattr(2): The caller does not have CAP_SYS_ADMIN in the initial user namespace.',
    probe: ofMapping(({ scene }) =>
      isInUserNamespace(scene)
        ? {
            fact: `process ${scene.pid} is root of a user namespace only, and the file system is the host's`,
            remedy: 'Leave the files to whom they belong, or run it with sudo',
          }
        : 'so',
    ),
  },
  {
    name: 'open_tree/foreign-namespace',
    calls: ['open_tree', 'move_mount'],
    codes: ['EPERM'],
    precondition: 'The mount namespace belongs to a user namespace in which the process has CAP_SYS_ADMIN',
    man: 'user_namespaces(7): Privileged operations on resources governed by the nonuser namespace require that the process has the necessary capabilities in the user namespace that owns the nonuser namespace.',
    probe: ({ scene: { pid, namespaces, ours, capabilities } }) =>
      (namespaces.user !== ours.user && namespaces.mnt === ours.mnt) || ((capabilities >> 21n) & 1n) === 0n
        ? {
            fact: `process ${pid} may not mount anything in the mount namespace that it is in`,
            remedy: 'Ask for one of its own in its user namespace first: unshare(CLONE_NEWNS)',
          }
        : 'so',
  },
  {
    name: 'mkdir/nobody',
    calls: ['mkdir', 'mknod', 'symlink'],
    codes: ['EOVERFLOW'],
    precondition: 'Whoever makes a file has a number in the user namespace that the file system belongs to',
    man: 'user_namespaces(7): There are various places where an unmapped user ID (group ID) may be exposed to user space.',
    probe: ({ scene: { pid, uidMap, namespaces, ours } }) =>
      namespaces.user === ours.user
        ? 'so'
        : {
            fact: `process ${pid} is nobody in its user namespace: ${uidMap === '' ? 'its uid_map is empty' : 'its own number is not in the map'}`,
            remedy: "Write the maps, then become somebody: box('setgid', [0]), box('setuid', [0])",
          },
  },
]
// #endregion users

function mapped({ scene, args }: Attempt, kind: 'uid' | 'gid'): Verdict {
  const wanted = Number(args[0])
  const map = (scene.read(`/proc/${scene.pid}/${kind}_map`) ?? (kind === 'uid' ? scene.uidMap : '')).trim()
  const ranges = map.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  if (map !== '' && ranges.some(([first = 0, , count = 0]) => first <= wanted && wanted < first + count)) return 'so'
  return {
    fact: `${wanted} is no number in the user namespace of process ${scene.pid}: its ${kind}_map ${map === '' ? 'is empty' : `says "${map.replace(/\s+/g, ' ')}"`}`,
    remedy: `Map it: host('write', ['/proc/{box}/${kind}_map', …]), before this step`,
  }
}

const lacks = (capabilities: bigint, bit: bigint, fact: string): Verdict =>
  ((capabilities >> bit) & 1n) === 1n ? 'so' : { fact, remedy: 'Do it before that right is given away' }

/** The call has other uses. */
function ofMapping(look: (attempt: Attempt) => Verdict): Cause['probe'] {
  return (attempt) => (has(number(attempt, 2), constants.MOUNT_ATTR_IDMAP) ? look(attempt) : 'apart')
}
