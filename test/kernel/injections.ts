/** One failure for each cause, to be made for real: who makes which calls, of which the last is refused. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import * as kernel from '../../src/kernel/constants.ts'
import { machineOf } from '../../src/kernel/elf.ts'
import { box, type Draft } from '../../src/plan/plan.ts'

const { MS_BIND, MS_PRIVATE, MS_REC, MS_REMOUNT, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, CLONE_NEWNS } = kernel

/** A process and the calls that it is to make, of which the last is refused. */
export interface Injection {
  /** Words that start a program in its surroundings. */
  as?: readonly string[]
  steps: Draft[]
  code: string
}

/** A process that has been refused already. */
export interface Refused {
  pid: number
  call: Call
  args: readonly unknown[]
  code: string
}

/** What an injection may use. Everything is taken away again when the test has ended. */
export interface Ground {
  /** An empty directory. */
  place: string
  /** Starts a program and waits for its first line. */
  start(words: readonly string[]): Promise<{ pid: number; tell(line: string): void; line(): Promise<string> }>
  /** A fresh cgroup in which a controller, or any of several, has its files. @throws Unfit */
  cgroup(...controllers: Controller[]): string
  /** A mount for this process and those that it starts. */
  mounted(path: string, flags: number): void
  loop(file: string): string
}

/** This machine has not what the injection needs. */
export class Unfit extends Error {}

export type Inject = (ground: Ground) => Injection | Refused | Promise<Injection | Refused>

type Args<C extends Draft['call']> = Extract<Draft, { call: C }>['args']
const step = <C extends Draft['call']>(call: C, ...args: Args<C>): Draft => box(call, args as never, '')
const mount = (...args: Args<'mount'>): Draft => step('mount', ...args)

/** A mount namespace of its own, which tells nobody. */
const OWN = [step('unshare', CLONE_NEWNS), mount('none', '/', '', MS_REC | MS_PRIVATE, '')]
const tmpfs = (path: string, flags = 0): Draft => mount('tmpfs', path, 'tmpfs', flags, '')
const bind = (path: string): Draft => mount(path, path, '', MS_BIND, '')
const dir = (path: string): Draft => step('mkdir', path, 0o755)

const USER = ['unshare', '--user', '--map-root-user', '--mount']
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const without = (capability: string): string[] => [
  'unshare',
  '--mount',
  '--uts',
  'setpriv',
  `--bounding-set=-${capability}`,
]

const writeFile = (path: string, content: string | Buffer, mode = 0o755): string => {
  fs.writeFileSync(path, content, { mode })
  return path
}
const make = (...names: string[]): void => names.forEach((name) => fs.mkdirSync(name, { recursive: true }))
const execute = (file: string, ...args: string[]): Draft =>
  step('execvpe', file, [file, ...args], ['PATH=/bin:/usr/bin'])

/** A cause and one refused call, with nothing before it. */
const plain =
  (code: string, ...steps: Draft[]): Inject =>
  () => ({ code, steps })

const lacking =
  (capability: string, call: (place: string) => Draft): Inject =>
  ({ place }) => ({
    as: without(capability),
    code: 'EPERM',
    steps: [call(place)],
  })

// #region injections
export const injections: Record<string, Inject> = {
  'chroot/capability': lacking('sys_chroot', (place) => step('chroot', place)),
  'mount/capability': lacking('sys_admin', (place) => tmpfs(place)),
  'umount2/capability': lacking('sys_admin', () => step('umount2', '/proc', 0)),
  'pivot_root/capability': lacking('sys_admin', () => step('pivot_root', '.', '.')),
  'unshare/capability': lacking('sys_admin', () => step('unshare', kernel.CLONE_NEWUTS)),
  'setns/capability': lacking('sys_admin', () => step('setns', '/proc/1/ns/uts', kernel.CLONE_NEWUTS)),
  'sethostname/capability': lacking('sys_admin', () => step('sethostname', 'refused')),
  'mknod/capability': lacking('mknod', (place) => step('mknod', `${place}/null`, kernel.S_IFCHR | 0o666, 259)),
  'mount/foreign-namespace': ({ place }) => ({
    as: ['nsenter', '--mount=/proc/1/ns/mnt', 'unshare', '--user', '--map-root-user'],
    code: 'EPERM',
    steps: [tmpfs(place)],
  }),
  'sethostname/foreign-namespace': () => ({ as: USER, code: 'EPERM', steps: [step('sethostname', 'refused')] }),

  'pivot_root/shared': ({ place }) => ({
    code: 'EINVAL',
    steps: [
      ...OWN,
      tmpfs(place),
      mount('none', place, '', kernel.MS_SHARED, ''),
      dir(`${place}/new`),
      bind(`${place}/new`),
      step('pivot_root', `${place}/new`, `${place}/new`),
    ],
  }),
  'pivot_root/same-mount': plain('EBUSY', ...OWN, step('pivot_root', '/', '/')),
  'pivot_root/root-not-a-mount-point': ({ place }) => ({
    code: 'EINVAL',
    steps: [
      ...OWN,
      tmpfs(place),
      dir(`${place}/jail`),
      dir(`${place}/jail/new`),
      bind(`${place}/jail/new`),
      step('chroot', `${place}/jail`),
      step('pivot_root', '/new', '/new'),
    ],
  }),
  'pivot_root/new-root-not-a-mount-point': ({ place }) => ({
    code: 'EINVAL',
    steps: [...OWN, tmpfs(place), dir(`${place}/new`), step('pivot_root', `${place}/new`, `${place}/new`)],
  }),
  'pivot_root/put-old-outside': ({ place }) => ({
    code: 'EINVAL',
    steps: [
      ...OWN,
      tmpfs(place),
      ...['new', 'old'].map((name) => dir(join(place, name))),
      bind(`${place}/new`),
      step('pivot_root', `${place}/new`, `${place}/old`),
    ],
  }),

  'execve/empty-name': plain('EACCES', execute('')),
  'execve/no-such-file': plain('ENOENT', execute('no-such-program')),
  'execve/no-interpreter': ({ place }) => ({
    code: 'ENOENT',
    steps: [execute(writeFile(`${place}/script`, '#!/no/such/interpreter\n'))],
  }),
  'execve/no-loader': ({ place }) => ({
    code: 'ENOENT',
    steps: [execute(writeFile(`${place}/program`, elf(machineOf(process.arch) ?? 0, '/no/such/loader')))],
  }),
  'execve/other-machine': ({ place }) => ({
    code: 'ENOEXEC',
    steps: [execute(writeFile(`${place}/alien`, elf(process.arch === 's390x' ? 62 : 22)))],
  }),
  'execve/no-program': ({ place }) => ({ code: 'ENOEXEC', steps: [execute(writeFile(`${place}/text`, 'just text\n'))] }),
  'execve/directory': ({ place }) => ({ code: 'EACCES', steps: [execute(place)] }),
  'execve/no-x': ({ place }) => ({ code: 'EACCES', steps: [execute(writeFile(`${place}/plain`, '#!/bin/sh\n', 0o644))] }),
  'execve/interpreter-no-x': ({ place }) => {
    const interpreter = writeFile(`${place}/interpreter`, 'text', 0o644)
    return { code: 'EACCES', steps: [execute(writeFile(`${place}/script`, `#!${interpreter}\n`))] }
  },
  'execve/noexec': ({ place }) => ({
    code: 'EACCES',
    steps: [
      ...OWN,
      bind(place),
      mount('none', place, '', MS_REMOUNT | MS_BIND | MS_NOEXEC, ''),
      execute(writeFile(`${place}/script`, '#!/bin/sh\n')),
    ],
  }),
  'execve/too-long': () => ({
    as: ['sh', '-c', 'ulimit -s 8192; exec "$@"', 'sh'],
    code: 'E2BIG',
    steps: [execute('/bin/true', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000)))],
  }),
  'execve/one-too-long': plain('E2BIG', execute('/bin/true', 'x'.repeat(131_072))),

  'unshare/threads': plain('EINVAL', step('unshare', kernel.CLONE_NEWUSER)),
  'unshare/pid-twice': plain('EINVAL', step('unshare', kernel.CLONE_NEWPID), step('unshare', kernel.CLONE_NEWPID)),
  'setns/other-kind': plain('EINVAL', step('setns', '/proc/self/ns/uts', kernel.CLONE_NEWIPC)),
  'setns/own-user-namespace': plain('EINVAL', step('setns', '/proc/self/ns/user', kernel.CLONE_NEWUSER)),
  'setns/shared-root': plain('EINVAL', step('setns', '/proc/1/ns/mnt', CLONE_NEWNS)),

  'mount/unknown-type': ({ place }) => ({ code: 'ENODEV', steps: [...OWN, mount('none', place, 'nofs', 0, '')] }),
  'mount/not-a-block-device': ({ place }) => ({
    code: 'ENOTBLK',
    steps: [...OWN, mount('/dev/null', place, 'ext4', 0, '')],
  }),
  'mount/not-a-mount-point': ({ place }) => ({ code: 'EINVAL', steps: [...OWN, mount('none', place, '', MS_PRIVATE, '')] }),
  'mount/several-at-once': plain('EINVAL', ...OWN, mount('none', '/', '', MS_PRIVATE | kernel.MS_SHARED, '')),
  'mount/unbindable': ({ place }) => {
    make(`${place}/a`, `${place}/b`)
    const steps = [
      tmpfs(`${place}/a`),
      mount('none', `${place}/a`, '', kernel.MS_UNBINDABLE, ''),
      mount(`${place}/a`, `${place}/b`, '', MS_BIND, ''),
    ]
    return { code: 'EINVAL', steps: [...OWN, ...steps] }
  },
  'mount/locked-below': ({ place }) => ({ as: USER, code: 'EINVAL', steps: [mount('/', place, '', MS_BIND, '')] }),
  'mount/kinds': ({ place }) => ({
    code: 'ENOTDIR',
    steps: [...OWN, mount(writeFile(`${place}/file`, ''), place, '', MS_BIND, '')],
  }),
  'mount/already-there': ({ place }) => {
    const sysfs = mount('sysfs', place, 'sysfs', 0, '')
    return { code: 'EBUSY', steps: [...OWN, sysfs, sysfs] }
  },
  'mount/device-in-user-namespace': ({ place }) => ({
    as: USER,
    code: 'EPERM',
    steps: [mount('/dev/null', place, 'ext4', 0, '')],
  }),
  'mount/nodev': ({ place }) => ({
    code: 'EACCES',
    steps: [
      ...OWN,
      tmpfs(place, MS_NODEV),
      step('mknod', `${place}/disk`, 0o060600, 0xfe00),
      mount(`${place}/disk`, place, 'ext4', 0, ''),
    ],
  }),
  'mount/option': ({ place }) => ({ code: 'EINVAL', steps: [...OWN, mount('tmpfs', place, 'tmpfs', 0, 'bogus=1')] }),

  'overlay/layer-missing': overlay('ENOENT', (place) => `lowerdir=${place}/nowhere`),
  'overlay/no-workdir': overlay('EINVAL', (place) => `lowerdir=${place}/lower,upperdir=${place}/upper`),
  'overlay/apart': overlay(
    'EINVAL',
    (place) => `lowerdir=${place}/lower,upperdir=${place}/upper,workdir=${place}/other/work`,
    (place) => [tmpfs(`${place}/other`), dir(`${place}/other/work`)],
  ),
  'overlay/upper-unfit': overlay(
    'EINVAL',
    (place) => `lowerdir=${place}/lower,upperdir=${place}/other/u,workdir=${place}/other/w`,
    (place) => [
      mount('overlay', `${place}/other`, 'overlay', 0, layers(place)),
      ...['u', 'w'].map((name) => dir(join(place, 'other', name))),
    ],
  ),
  'overlay/in-use': overlay(
    'EBUSY',
    (place) => `${layers(place)},index=on`,
    (place) => [mount('overlay', `${place}/other`, 'overlay', 0, `${layers(place)},index=on`)],
  ),

  'umount2/not-a-mount-point': ({ place }) => ({ code: 'EINVAL', steps: [...OWN, step('umount2', place, 0)] }),
  'umount2/locked': () => ({ as: USER, code: 'EINVAL', steps: [step('umount2', '/proc', 0)] }),
  'umount2/mounts-below': ({ place }) => ({
    code: 'EBUSY',
    steps: [...OWN, tmpfs(place), dir(`${place}/below`), tmpfs(`${place}/below`), step('umount2', place, 0)],
  }),
  'umount2/in-use': ({ place }) => ({
    code: 'EBUSY',
    steps: [...OWN, tmpfs(place), step('chdir', place), step('umount2', place, 0)],
  }),

  'user-map/form': map('EINVAL', ['unshare', '--user'], 'uid', '0 0 zero'),
  'user-map/twice': map('EPERM', USER, 'uid', '0 0 1'),
  'user-map/setgroups': map('EPERM', ['unshare', '--user'], 'gid', '0 0 1'),
  'user-map/not-own-id': map('EPERM', ['unshare', '--user'], 'uid', '0 0 10'),

  'sethostname/too-long': plain('EINVAL', step('unshare', kernel.CLONE_NEWUTS), step('sethostname', 'x'.repeat(65))),
  'mknod/user-namespace': ({ place }) => ({
    as: USER,
    code: 'EPERM',
    steps: [step('mknod', `${place}/null`, kernel.S_IFCHR | 0o666, 259)],
  }),
  'write/permission': ({ place }) => ({
    as: NOBODY,
    code: 'EACCES',
    steps: [step('write', writeFile(`${place}/file`, '', 0o644), 'x')],
  }),

  'path/missing': ({ place }) => ({ code: 'ENOENT', steps: [step('chroot', `${place}/no/where`)] }),
  'path/not-a-directory': ({ place }) => ({ code: 'ENOTDIR', steps: [step('chroot', writeFile(`${place}/file`, ''))] }),
  'path/links': ({ place }) => {
    fs.symlinkSync('b', `${place}/a`)
    fs.symlinkSync('a', `${place}/b`)
    return { code: 'ELOOP', steps: [step('chdir', `${place}/a`)] }
  },
  'path/too-long': ({ place }) => ({ code: 'ENAMETOOLONG', steps: [step('chdir', `${place}/${'x'.repeat(256)}`)] }),
  'path/search': ({ place }) => {
    fs.mkdirSync(`${place}/closed/room`, { recursive: true })
    fs.chmodSync(`${place}/closed`, 0o700)
    return { as: NOBODY, code: 'EACCES', steps: [step('chdir', `${place}/closed/room`)] }
  },
  'path/taken': ({ place }) => ({ code: 'EEXIST', steps: [step('mkdir', place, 0o755)] }),
  'path/read-only': ({ place }) => ({ code: 'EROFS', steps: [...OWN, tmpfs(place, MS_RDONLY), dir(`${place}/new`)] }),
}
// #endregion injections

export { MS_NOSUID, step, mount, tmpfs, dir, OWN, USER }

const layers = (place: string): string => `lowerdir=${place}/lower,upperdir=${place}/upper,workdir=${place}/work`

/** Directories for an overlay in a tmpfs, and what comes before the one that is refused. */
function overlay(code: string, data: (place: string) => string, before: (place: string) => Draft[] = () => []): Inject {
  return ({ place }) => ({
    code,
    steps: [
      ...OWN,
      tmpfs(place),
      ...['lower', 'upper', 'work', 'merged', 'other'].map((name) => dir(join(place, name))),
      ...before(place),
      mount('overlay', `${place}/merged`, 'overlay', 0, data(place)),
    ],
  })
}

function map(code: string, as: string[], kind: 'uid' | 'gid', content: string): Inject {
  return () => ({ as, code, steps: [step('write', `/proc/self/${kind}_map`, content)] })
}

/** The least that the kernel looks at: elf(5), a header and, for a loader, one entry of type PT_INTERP. */
function elf(machine: number, interpreter = ''): Buffer {
  const file = Buffer.alloc(64 + 56 + interpreter.length + 1)
  file.write('\x7fELF\x02\x01\x01', 'latin1') // 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 16) // e_type: ET_EXEC
  file.writeUInt16LE(machine, 18)
  file.writeUInt32LE(1, 20) // e_version
  file.writeBigUInt64LE(64n, 32) // e_phoff
  file.writeUInt16LE(64, 52) // e_ehsize
  file.writeUInt16LE(56, 54) // e_phentsize
  file.writeUInt16LE(1, 56) // e_phnum
  file.writeUInt32LE(interpreter ? 3 : 4, 64) // p_type: PT_INTERP or PT_NOTE
  file.writeBigUInt64LE(120n, 64 + 8) // p_offset
  file.writeBigUInt64LE(BigInt(interpreter.length + 1), 64 + 32) // p_filesz
  file.write(interpreter, 120)
  return file
}
