/** mount(2) of a new file system: whether the kernel has it, and whether the device holds it. */
import { closeSync, openSync, readSync } from 'node:fs'
import { text, type Attempt, type Cause } from '../cause.ts'
import { KINDS, mountName } from '../place.ts'
import { isInUserNamespace } from '../scene.ts'
import { only, source, type } from './mount-action.ts'

const calls = ['mount'] as const

// #region device
export const mountDeviceCauses: Cause[] = [
  {
    name: 'mount/unknown-type',
    calls,
    codes: ['ENODEV'],
    precondition: 'The kernel knows the file system',
    man: 'mount(2): filesystemtype not configured in the kernel.',
    args: 3,
    probe: only('new', (attempt) => {
      const known = (attempt.scene.read('/proc/filesystems') ?? '').split('\n').map((line) => line.split('\t').at(-1))
      if (known.includes(type(attempt).split('.')[0])) return 'so'
      return {
        fact: `there is no "${type(attempt)}" in /proc/filesystems`,
        remedy: `Load its module: modprobe ${type(attempt)}. Or name another: cat /proc/filesystems`,
      }
    }),
  },
  {
    name: 'mount/not-a-block-device',
    calls,
    codes: ['ENOTBLK'],
    precondition: 'A file system that lives on a device is given a block device',
    man: 'mount(2): source is not a block device (and a device was required).',
    args: 3,
    probe: only('new', (attempt) => {
      const place = source(attempt)
      if (!place.found || !needsDevice(attempt) || place.kind === 'block') return 'so'
      return {
        fact: `"${text(attempt, 0)}" is ${KINDS[place.kind]}, and ${type(attempt)} lives on a block device`,
        remedy: 'Make one of a file with losetup(8), or name a device of lsblk',
      }
    }),
  },
  {
    name: 'mount/superblock',
    calls,
    codes: ['EINVAL'],
    precondition: 'The device holds a file system of that type',
    man: 'mount(2): source had an invalid superblock.',
    args: 3,
    probe: only('new', (attempt) => {
      const place = source(attempt)
      if (!place.found || place.kind !== 'block') return 'so'
      const held = fileSystemOn(place.file)
      if (held === type(attempt) || (held?.startsWith('ext') && type(attempt).startsWith('ext'))) return 'so'
      return {
        fact: `"${text(attempt, 0)}" holds ${held ?? 'no file system that I know'}, and not ${type(attempt)}`,
        remedy: held ? `Mount it as ${held}` : `Make one there, which erases it: mkfs -t ${type(attempt)}`,
      }
    }),
  },
  {
    name: 'mount/device-in-user-namespace',
    calls,
    codes: ['EPERM'],
    precondition: 'In a user namespace only file systems that need no device are mounted',
    man: 'user_namespaces(7): mounting block-based filesystems can be done only by a process that holds CAP_SYS_ADMIN in the initial user namespace.',
    args: 3,
    probe: only('new', (attempt) => {
      if (!isInUserNamespace(attempt.scene) || !needsDevice(attempt)) return 'so'
      return {
        fact: `process ${attempt.scene.pid} is in a user namespace, and ${type(attempt)} lives on a device`,
        remedy: 'Mount it as root outside, or take one of proc, sysfs, tmpfs, devpts, overlay, or a bind mount',
      }
    }),
  },
  {
    name: 'mount/nodev',
    calls,
    codes: ['EACCES'],
    precondition: 'The device lies on a file system whose devices count',
    man: 'mount(2): The block device source is located on a filesystem mounted with the MS_NODEV option.',
    args: 3,
    probe: only('new', (attempt) => {
      const place = source(attempt)
      if (!place.found || place.kind !== 'block' || !place.mount?.options.includes('nodev')) return 'so'
      return {
        fact: `"${text(attempt, 0)}" lies in ${mountName(place.mount)}, mounted nodev`,
        remedy: 'Use its name in /dev',
      }
    }),
  },
]
// #endregion device

/** proc_filesystems(5): a file system without `nodev` before it needs a block device. */
const needsDevice = (attempt: Attempt): boolean =>
  (attempt.scene.read('/proc/filesystems') ?? '').split('\n').includes(`\t${type(attempt)}`)

/** Where each file system writes that it is one: its magic number, as libmagic(3) and blkid(8) look for it. */
const MAGICS = [
  ['ext4', 0x438, '53ef'],
  ['squashfs', 0, '68737173'],
  ['xfs', 0, '58465342'],
  ['erofs', 0x400, 'e2e1f5e0'],
  ['btrfs', 0x10040, '5f42485266535f4d'],
] as const

function fileSystemOn(device: string): string | undefined {
  const fd = openSync(device, 'r')
  try {
    const beginning = Buffer.alloc(0x10048)
    readSync(fd, beginning, 0, beginning.length, 0)
    return MAGICS.find(([, at, magic]) => beginning.subarray(at, at + magic.length / 2).toString('hex') === magic)?.[0]
  } finally {
    closeSync(fd)
  }
}
