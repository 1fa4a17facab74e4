/** mount(2): one list of errors for all that it does. What is asked of mount points, flags and directories. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, type Attempt, type Cause } from '../cause.ts'
import { mountName } from '../place.ts'
import { isInUserNamespace } from '../scene.ts'
import { actionOf, only, PROPAGATION, source, target, type } from './mount-action.ts'

const { MS_RDONLY, MS_REC } = constants

const calls = ['mount'] as const

// #region mount
export const mountCauses: Cause[] = [
  {
    name: 'mount/not-a-mount-point',
    calls,
    codes: ['EINVAL'],
    precondition: 'What is remounted, or changes its propagation, is a mount point',
    man: 'mount(2): A remount operation (MS_REMOUNT) was attempted, but source was not already mounted on target.',
    args: 4,
    probe: (attempt) => {
      const place = target(attempt)
      if (!['remount', 'propagation'].includes(actionOf(attempt))) return 'apart'
      if (!place.found) return 'unknown'
      if (place.isMountPoint) return 'so'
      return {
        fact: `"${place.path}" is not a mount point: it lies in ${mountName(place.mount)}`,
        remedy: `Make it one first: mount('${place.path}', '${place.path}', '', MS_BIND|MS_REC, '')`,
      }
    },
  },
  {
    name: 'mount/several-at-once',
    calls,
    codes: ['EINVAL'],
    precondition: 'A change of propagation is one of the four, and nothing else',
    man: 'mount(2): mountflags includes more than one of MS_SHARED, MS_PRIVATE, MS_SLAVE, or MS_UNBINDABLE.',
    args: 4,
    probe: only('propagation', (attempt) => {
      const flags = number(attempt, 3)
      const some = PROPAGATION.filter((bit) => has(flags, bit))
      const rest = some.reduce((all, bit) => all & ~bit, flags) & ~(MS_REC | constants.MS_SILENT)
      if (some.length === 1 && rest === 0) return 'so'
      return {
        fact: 'the flags ask for a change of propagation, and for something else in the same call',
        remedy: 'Make two calls of it: first the mount, then its propagation',
      }
    }),
  },
  {
    name: 'mount/unbindable',
    calls,
    codes: ['EINVAL'],
    precondition: 'The source of a bind mount is not unbindable',
    man: 'mount(2): An attempt was made to bind mount an unbindable mount.',
    args: 4,
    probe: only('bind', (attempt) => {
      const place = source(attempt)
      if (!place.found || !place.mount?.propagation.includes('unbindable')) return 'so'
      return {
        fact: `${mountName(place.mount)} is unbindable`,
        remedy: `mount --make-private ${place.mount.mountPoint}`,
      }
    }),
  },
  {
    name: 'mount/locked-below',
    calls,
    codes: ['EINVAL'],
    precondition: 'In a user namespace a bind mount takes along what is mounted below its source',
    man: 'mount(2): a bind mount operation (MS_BIND) was attempted without specifying (MS_REC), which would have revealed the filesystem tree underneath',
    args: 4,
    probe: only('bind', (attempt) => {
      const place = source(attempt)
      if (!place.found || has(number(attempt, 3), MS_REC) || !isInUserNamespace(attempt.scene)) return 'so'
      const below = attempt.scene.mounts.find(({ mountPoint }) => isBelow(mountPoint, place.path))
      if (!below) return 'so'
      return {
        fact: `${mountName(below)} is below "${place.path}" and hides what lies under it from this user namespace`,
        remedy: 'Take it along: MS_BIND|MS_REC',
      }
    }),
  },
  {
    name: 'mount/kinds',
    calls,
    codes: ['ENOTDIR'],
    precondition: 'A directory is mounted on a directory, a file on a file',
    man: 'mount(2): target, or a prefix of source, is not a directory.',
    args: 4,
    probe: (attempt) => {
      const [from, to, action] = [source(attempt), target(attempt), actionOf(attempt)]
      if (!['bind', 'move', 'new'].includes(action)) return 'apart'
      if (!to.found) return 'unknown'
      const wanted = action === 'new' ? true : from.found && from.kind === 'directory'
      if (wanted === (to.kind === 'directory')) return 'so'
      const what = wanted ? 'a directory' : 'a file'
      return {
        fact: `what is to be mounted is ${what}, and "${to.path}" is ${to.kind === 'directory' ? 'a directory' : 'none'}`,
        remedy: wanted ? `Make a directory to mount it on: mkdir` : 'Make an empty file to mount it on: touch',
      }
    },
  },
  {
    name: 'mount/already-there',
    calls,
    codes: ['EBUSY'],
    precondition: 'The same file system is not mounted there already',
    man: 'mount(2): An attempt was made to stack a new mount directly on top of an existing mount point that was created in this mount namespace with the same source and target.',
    args: 3,
    probe: only('new', (attempt) => {
      const place = target(attempt)
      if (!place.found || !place.isMountPoint || place.mount?.type !== type(attempt)) return 'so'
      return {
        fact: `"${place.path}" is ${mountName(place.mount)} already`,
        remedy: `Leave the call out, or take that one away first: umount ${place.path}`,
      }
    }),
  },
  {
    name: 'mount/open-for-writing',
    calls,
    codes: ['EBUSY'],
    precondition: 'Nobody has a file open for writing where a file system becomes read-only',
    man: 'mount(2): source cannot be remounted read-only, because it still holds files open for writing.',
    args: 4,
    probe: only('remount', (attempt) => {
      const place = target(attempt)
      if (!place.found || !has(number(attempt, 3), MS_RDONLY)) return 'so'
      const writer = writerOn(attempt, place.path)
      if (writer === undefined) return 'unknown'
      return {
        fact: `process ${writer.pid} has "${writer.file}" open for writing`,
        remedy: 'End it. Or make the mount alone read-only, and not its file system: MS_REMOUNT|MS_BIND|MS_RDONLY',
      }
    }),
  },
  {
    name: 'mount/locked-flags',
    calls,
    codes: ['EPERM'],
    precondition: 'In a user namespace a remount keeps the flags that it came with',
    man: 'mount(2): An attempt was made to modify (MS_REMOUNT) the MS_RDONLY, MS_NOSUID, or MS_NOEXEC flag',
    args: 4,
    probe: only('remount', (attempt) => {
      const place = target(attempt)
      if (!place.found || !isInUserNamespace(attempt.scene)) return 'so'
      const lost = LOCKED.find(([word, bit]) => place.mount?.options.includes(word) && !has(number(attempt, 3), bit))
      if (!lost) return 'so'
      return {
        fact: `"${place.path}" is mounted ${lost[0]}, the flags do not say it, and it may not be taken off here`,
        remedy: 'Give the flags again that /proc/self/mountinfo shows for it',
      }
    }),
  },
]
// #endregion mount

const LOCKED = [
  ['ro', constants.MS_RDONLY],
  ['nosuid', constants.MS_NOSUID],
  ['nodev', constants.MS_NODEV],
  ['noexec', constants.MS_NOEXEC],
] as const

const isBelow = (path: string, directory: string): boolean =>
  path !== directory && path.startsWith(directory === '/' ? '/' : `${directory}/`)

function writerOn({ scene }: Attempt, mountPoint: string): { pid: number; file: string } | undefined {
  for (const { pid, open } of scene.processes())
    for (const { path, writes } of open()) if (writes && isBelow(path, mountPoint)) return { pid, file: path }
  return undefined
}
