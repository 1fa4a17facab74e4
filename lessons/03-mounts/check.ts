/** What the judge looks for after lesson 3: a file system of the box's own, from which no way leads back, and which nobody outside sees. */
import type { Check, Finding } from '../../src/workshop/judge/check.ts'
import type { Facts, MountFacts } from '../../src/workshop/judge/facts.ts'

const LESSON = 3

// #region checks
export const mountsChecks: Check[] = [
  {
    id: 'private',
    lesson: LESSON,
    title: 'what it mounts stays inside',
    needs: 'mnt',
    expected: () => 'no mount of it can be seen outside, and none is shared',
    look: (facts) => lookAtPropagation(facts),
    hints: [
      'The box has a copy of the list of mounts. What happens to the original when something is mounted in the copy, on a host that systemd has started?',
      'man 7 mount_namespaces, "Shared subtrees". Look for MS_PRIVATE: "This mount is private; it does not have a peer group. mount(2) and umount(2) events do not propagate into or out of this mount."',
      "   steps: ({ root, mounts }) => [\n+    box('mount', ['none', '/', '', MS_REC | MS_PRIVATE, ''], 'whatever is mounted from here on stays in here'),",
    ],
    why: 'MS_REC|MS_PRIVATE took every mount of the copy out of its peer group, before the first mount was made.',
  },
  {
    id: 'pivot',
    lesson: LESSON,
    title: 'its root is that of its mount namespace',
    needs: 'mnt',
    expected: () =>
      'a process that enters the mount namespace stands in ROOTFS',
    look: of(({ pivoted }) =>
      pivoted
        ? undefined
        : {
            found:
              'it stands in the root of the host: only the process has another root',
            cause:
              'chroot(2) hides the old root from one process; pivot_root(2) puts another in its place, for all',
          },
    ),
    hints: [
      'Your judge has walked into the mount namespace and seen your disk. What does chroot change, and what does it leave in its place?',
      'man 2 pivot_root. Look for: "pivot_root() changes the root mount in the mount namespace of the calling process." And in NOTES: pivot_root(".", ".").',
      "-    box('chroot', [root.path], …),\n+    box('mount', [root.path, root.path, '', MS_BIND | MS_REC, ''], 'pivot_root wants a mount point'),\n+    box('chdir', [root.path], 'stand where the new root will be'),\n+    box('pivot_root', ['.', '.'], 'the new root in place, the old one on top of it'),",
    ],
    why: 'pivot_root(2) changed the namespace itself: whoever enters it now stands in the new root.',
  },
  {
    id: 'old-root',
    lesson: LESSON,
    title: 'the old root is gone',
    needs: 'pivot',
    expected: () => 'no mount of the host’s root in the mount namespace',
    look: of(({ oldRoot }) =>
      oldRoot === undefined
        ? undefined
        : {
            found: `the root of the host is mounted on ${oldRoot === '/' ? '/, on top of the new one' : oldRoot}`,
            cause:
              'pivot_root(2) moves the old root, and takes nothing away: umount2(2) with MNT_DETACH does',
          },
    ),
    hints: [
      'pivot_root has put the old root somewhere. Where is it now? What could a process in the box do with it?',
      'man 2 umount2, MNT_DETACH. Look for: "Perform a lazy unmount". man 2 pivot_root, NOTES: "umount2(., MNT_DETACH)".',
      "     box('pivot_root', ['.', '.'], …),\n+    box('umount2', ['.', MNT_DETACH], 'take the old root away'),\n+    box('chdir', ['/'], 'and step in'),",
    ],
    why: 'the old root was taken out of this namespace. There is no path to it left, for root neither.',
  },
  {
    id: 'proc',
    lesson: LESSON,
    title: '/proc shows the processes of the box',
    needs: 'mnt',
    expected: ({ box }) =>
      `number 1 in its /proc is in pid:[${box?.namespaces.pid}], as the command is`,
    look: (facts) => lookAtProc(facts),
    hints: [
      'How does /proc know which processes to show you? When is that settled: when you look, or when it is mounted? By whom?',
      'man 7 pid_namespaces, "/proc and PID namespaces". Look for: "A /proc filesystem shows … only processes visible in the PID namespace of the process that performed the mount".',
      "+    box('mount', ['proc', '/proc', 'proc', MS_NOSUID | MS_NOEXEC | MS_NODEV, ''], 'of this PID namespace'),",
    ],
    why: 'a proc file system belongs to the PID namespace of whoever mounted it: the process in the box.',
  },
  {
    id: 'devices',
    lesson: LESSON,
    title: 'the devices are there, and no others',
    needs: 'mnt',
    expected: () =>
      'a /dev of its own with null 1:3, zero 1:5, full 1:7, random 1:8, urandom 1:9, tty 5:0, mode 666',
    look: of((mounts) => lookAtDevices(mounts)),
    hints: [
      'A device file is a name for two numbers. What would a box find in the /dev of your machine that it should not?',
      'man 2 mknod, man 3 makedev, man 4 null. The OCI runtime specification, config-linux.md, "Default Devices".',
      "+    box('mount', ['tmpfs', '/dev', 'tmpfs', MS_NOSUID | MS_STRICTATIME, 'mode=755'], 'a /dev of its own'),",
    ],
    why: 'the numbers are the device: the box has names for six that harm nobody, and none for your disk.',
  },
  {
    id: 'pts',
    lesson: LESSON,
    title: '/dev/pts has terminals of its own',
    needs: 'devices',
    expected: () =>
      'a devpts on /dev/pts that is not the host’s, and /dev/ptmx 5:2',
    look: of(({ table, hosts, devices }) => {
      if (hosts.includes('/dev/pts'))
        return {
          found: 'the host’s',
          cause: 'newinstance is missing from its options',
        }
      if (!mountAt(table, '/dev/pts', 'devpts'))
        return { found: 'none', cause: 'devpts has not been mounted there' }
      return devices['ptmx']?.numbers === '5:2'
        ? undefined
        : {
            found: 'no /dev/ptmx',
            cause:
              'It is a link to pts/ptmx: without it nobody opens a terminal',
          }
    }),
    hints: [
      'Two boxes have a terminal /dev/pts/0 each. Are they the same one?',
      'man 4 pts; the kernel’s Documentation/filesystems/devpts.rst. Look for: "each mount of the devpts filesystem is now distinct".',
      "+    box('mount', ['devpts', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC, 'newinstance,ptmxmode=0666,mode=0620,gid=5'], …),",
    ],
    why: 'each mount of devpts with newinstance is a world of its own: their numbers begin at 0 and nobody else can open them.',
  },
  {
    id: 'shm',
    lesson: LESSON,
    title: '/dev/shm is its own',
    needs: 'devices',
    expected: () => 'a directory /dev/shm in a tmpfs that is not the host’s',
    look: of((mounts) => lookAtSharedMemory(mounts)),
    hints: [
      'Where does shm_open(3) make its files?',
      'man 7 shm_overview, "Accessing shared memory objects via the filesystem".',
      "+    box('mount', ['shm', '/dev/shm', 'tmpfs', MS_NOSUID | MS_NOEXEC | MS_NODEV, 'mode=1777'], …),",
    ],
    why: 'POSIX shared memory is files in a tmpfs. With one of its own nobody outside meets them.',
  },
  {
    id: 'sys',
    lesson: LESSON,
    title: '/sys can be read, and not written',
    needs: 'mnt',
    expected: () => 'a sysfs on /sys, mounted read-only',
    look: of(({ table }) => {
      const sys = mountAt(table, '/sys', 'sysfs')
      if (!sys)
        return { found: 'none', cause: 'sysfs has not been mounted on /sys' }
      return sys.options.includes('ro')
        ? undefined
        : {
            found: `mounted ${sys.options.join(',')}`,
            cause:
              'A file in /sys is a switch of the kernel, and it has one kernel with you: MS_RDONLY',
          }
    }),
    hints: [
      'What would "echo 0 > /sys/devices/system/cpu/cpu1/online" in the box do to you?',
      'man 5 sysfs; man 2 mount, MS_RDONLY.',
      "-    box('mount', ['sysfs', '/sys', 'sysfs', MS_NOSUID, ''], …),\n+    box('mount', ['sysfs', '/sys', 'sysfs', MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, ''], …),",
    ],
    why: 'there is one kernel for all boxes. They may look at it.',
  },
  {
    id: 'rootfs-clean',
    lesson: LESSON,
    title: 'ROOTFS is as it was',
    needs: 'root',
    expected: () => 'the same files in the root file system as before',
    look: ({ left: { rootfs } }) =>
      rootfs.length === 0
        ? undefined
        : {
            found: `left: ${some(rootfs)}`,
            cause:
              'A directory made in ROOTFS itself outlives the box; in a file system mounted there, it goes with it',
          },
    hints: [
      'Which of the things that you made lie on the disk, and which in a file system that goes with the box?',
      'man 7 mount_namespaces; man 2 rmdir.',
      "-    box('mkdir', [path, 0o755], '…'),\n+    box('mkdir', [path, 0o755], '…', { undo: { call: 'rmdir', args: [path] } }),",
    ],
    why: 'the mounts went with their namespace, and what was made to mount them on has its undo.',
  },
]
// #endregion checks

function of(look: (mounts: MountFacts) => Finding | undefined): Check['look'] {
  return ({ box }) => (box?.mounts ? look(box.mounts) : undefined)
}

const some = (paths: readonly string[]): string =>
  [
    ...paths.slice(0, 3),
    ...(paths.length > 3 ? [`${paths.length - 3} more`] : []),
  ].join(', ')

const mountAt = (
  table: MountFacts['table'],
  path: string,
  type: string,
): MountFacts['table'][number] | undefined =>
  table.findLast((mount) => mount.mountPoint === path && mount.type === type)

function lookAtPropagation({ box, left }: Facts): Finding | undefined {
  const { leaked = [], table = [] } = box?.mounts ?? {}
  const shared = table.filter(({ propagation }) =>
    propagation.some((tag) => tag.startsWith('shared:')),
  )
  const cause =
    'A new mount namespace is a copy whose mounts are shared with the original: each tells the other'
  if (leaked.length)
    return { found: `seen on the host: ${some(leaked)}`, cause }
  if (left.mounts.length) return { found: `left: ${some(left.mounts)}`, cause }
  if (shared.length === 0) return undefined
  const points = shared.map(({ mountPoint }) => mountPoint)
  return { found: `shared: ${some(points)}`, cause }
}

/** A mount of its own, or a directory in the box's own /dev. */
function lookAtSharedMemory(mounts: MountFacts): Finding | undefined {
  const { table, hosts, devices } = mounts
  const mount =
    table.findLast(({ mountPoint }) => mountPoint === '/dev/shm') ??
    table.findLast(({ mountPoint }) => mountPoint === '/dev')
  if (hosts.includes('/dev/shm'))
    return { found: 'the host’s', cause: 'It was bound from the host' }
  return devices['shm'] && mount?.type === 'tmpfs'
    ? undefined
    : {
        found: 'none',
        cause:
          'tmpfs has not been mounted there, or before /dev, which then hid it',
      }
}

function lookAtProc({ box }: Facts): Finding | undefined {
  const { procOf, hosts = [] } = box?.mounts ?? {}
  if (procOf === box?.namespaces.pid) return undefined
  if (procOf === 'none')
    return {
      found: 'there is nothing in its /proc',
      cause: 'proc has not been mounted on /proc',
    }
  const cause = hosts.includes('/proc')
    ? 'It is the host’s own, bound from there: every process of your machine can be seen in it'
    : 'It was mounted by a process of another PID namespace, before the box was born'
  return { found: 'it shows the processes of another PID namespace', cause }
}

const WANTED = {
  null: '1:3',
  zero: '1:5',
  full: '1:7',
  random: '1:8',
  urandom: '1:9',
  tty: '5:0',
}

function lookAtDevices({ devices, hosts }: MountFacts): Finding | undefined {
  if (hosts.includes('/dev'))
    return {
      found: 'the host’s /dev, with your disks',
      cause: 'It was bound from the host',
    }
  for (const [name, numbers] of Object.entries(WANTED)) {
    const there = devices[name]
    if (!there)
      return {
        found: `no /dev/${name}`,
        cause: 'Nobody has made it: mknod(2), in the box’s own /dev',
      }
    if (there.kind !== 'device')
      return {
        found: `/dev/${name} is no character device`,
        cause: 'mknod(2) wants S_IFCHR',
      }
    if (there.numbers !== numbers)
      return {
        found: `/dev/${name} is ${there.numbers}`,
        cause: 'Major and minor number: see makedev(3)',
      }
    if (there.mode !== 0o666)
      return {
        found: `/dev/${name} has mode ${there.mode.toString(8)}`,
        cause: 'Not everybody can use it: umask(2)?',
      }
  }
  return undefined
}
