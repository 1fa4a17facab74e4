/** Calls that have one rule of their own: sethostname(2), mknod(2), and writing to a file that is another's. */
import { S_IFCHR } from '../../../kernel/constants.ts'
import { number, text, type Attempt, type Cause } from '../cause.ts'
import { isInUserNamespace } from '../scene.ts'

/** `<linux/utsname.h>`: __NEW_UTS_LEN. */
const LONGEST_NAME = 64

const isDevice = (attempt: Attempt): boolean =>
  attempt.args.length < 2 || [S_IFCHR, 0o060000].includes(number(attempt, 1) & 0o170000)

// #region small
export const smallCauses: Cause[] = [
  {
    name: 'sethostname/too-long',
    calls: ['sethostname'],
    codes: ['EINVAL'],
    precondition: 'A host name has at most 64 bytes',
    man: 'sethostname(2): len is larger than the maximum allowed size',
    args: 1,
    probe: (attempt) => {
      const length = Buffer.byteLength(text(attempt, 0))
      if (length <= LONGEST_NAME) return 'so'
      return { fact: `"${text(attempt, 0)}" has ${length} bytes`, remedy: `Take one of ${LONGEST_NAME} bytes or less` }
    },
  },
  {
    name: 'mknod/user-namespace',
    calls: ['mknod'],
    codes: ['EPERM'],
    precondition: 'A device file is made by root of the host, and not of a user namespace',
    man: 'user_namespaces(7): creating a device (governed by CAP_MKNOD)',
    probe: (attempt) =>
      isInUserNamespace(attempt.scene) && isDevice(attempt)
        ? {
            fact: `process ${attempt.scene.pid} is root of a user namespace only: devices belong to the host`,
            remedy: "Bind the host's device there instead: make an empty file, then mount --bind /dev/null on it",
          }
        : 'so',
  },
  {
    name: 'mknod/device-cgroup',
    calls: ['mknod'],
    codes: ['EPERM'],
    precondition: 'The device cgroup of the process allows that device',
    man: 'cgroups(7): This supports controlling which processes may create (mknod) devices as well as open them for reading or writing.',
    probe: (attempt) => {
      const { scene } = attempt
      const lists = scene.cgroups.flatMap((path) => ({ path, list: scene.read(`${path}/devices.list`)?.trim() }))
      const [first] = lists.filter(({ list }) => list !== undefined)
      if (first?.list === undefined || /^a \*:\* rwm$/m.test(first.list)) return 'so'
      if (attempt.args.length > 2 && allows(first.list, number(attempt, 2))) return 'so'
      return {
        fact: `${first.path}/devices.list allows only: ${first.list.replace(/\n/g, ', ') || 'nothing'}`,
        remedy: 'Allow it there: echo "c 1:3 rwm" > devices.allow, with the numbers of the device',
      }
    },
  },
  {
    name: 'write/permission',
    calls: ['write'],
    codes: ['EACCES', 'EPERM'],
    precondition: 'The process may write to the file',
    man: 'path_resolution(7): The permission bits of a file consist of three groups of three bits',
    args: 1,
    probe: (attempt) => {
      const { scene } = attempt
      const place = scene.look(text(attempt, 0))
      if (!place.found || ((scene.capabilities >> 1n) & 1n) === 1n) return 'so'
      if ((place.mode & (place.uid === scene.uid ? 0o200 : 0o022)) !== 0) return 'so'
      return {
        fact: `"${place.path}" belongs to user ${place.uid}, and user ${scene.uid} may not write to it`,
        remedy:
          scene.uid === 0 ? 'Its user namespace is another: ask outside' : 'Run it with sudo; without root is lesson 6',
      }
    },
  },
]
// #endregion small

/** `c 1:3 rwm`: is a character device of that number on the list, for making? */
function allows(list: string, device: number): boolean {
  const [major, minor] = [device >> 8, device & 0xff]
  return list.split('\n').some((line) => {
    const [, kind, a, b, access = ''] = /^([abc]) (\d+|\*):(\d+|\*) (\w+)$/.exec(line) ?? []
    const fits = (pattern: string | undefined, value: number): boolean => pattern === '*' || Number(pattern) === value
    return kind !== 'b' && fits(a, major) && fits(b, minor) && access.includes('m')
  })
}
