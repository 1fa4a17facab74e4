/**
 * The system calls that make a box, and how each is written so that two runtimes can be compared: one name for a call and its *at() sister, paths
 * instead of descriptors, nothing that the kernel ignores. What is not in here – memory, threads, files of a runtime's own – makes no box.
 */
import type { Places } from './places.ts'
import { unquote } from './trace.ts'

/** What a writer may ask about the call in hand. */
export interface Asked {
  args: readonly string[]
  places: Places
  /** A path as both sides write it. */
  show: (path: string) => string
  isInBox: (path: string) => boolean
  /** Whether the process is on the way into the box. */
  inside: boolean
}

/** A call as it is compared. */
export interface Written {
  name: string
  args: string[]
  /** Neighbours with this in common are one row: forty capabilities are dropped one by one. */
  row?: string
}

type Writer = (asked: Asked) => Written | undefined

const write = (name: string, ...args: (string | undefined)[]): Written => ({
  name,
  args: args.filter((arg): arg is string => arg !== undefined && arg !== ''),
})

const text = (arg = ''): string => (/^(NULL|0x[0-9a-f]+)$/.test(arg) ? '' : unquote(arg))

// #region mount
const PROPAGATION = /MS_(PRIVATE|SLAVE|SHARED|UNBINDABLE)/

/** What has no device behind it has a label for a source, which is anybody's choice. */
const MADE_UP = /^(proc|sysfs|tmpfs|devpts|mqueue|cgroup2?)$/

/** mount(2): a change of propagation or of flags has neither source nor type, and a bind mount has no type. */
const mount: Writer = ({ args, places, show }) => {
  const [source, target, type, flags = '0', data] = args
  const place = show(places.path(target))
  if (PROPAGATION.test(flags)) return write('mount', place, flags)
  if (flags.includes('MS_REMOUNT')) return write('mount', place, flags, text(data))
  if (flags.includes('MS_BIND')) return write('mount', show(places.path(source)), place, flags)
  const label = MADE_UP.test(text(type)) ? text(type) : text(source)
  return write('mount', label, place, text(type), flags, text(data))
}
// #endregion mount

const plain =
  (name: string): Writer =>
  ({ args }) =>
    write(name, ...args.map(text))

const onPath =
  (name: string): Writer =>
  ({ args, places, show }) =>
    write(name, show(places.path(args[0])), ...args.slice(1))

/** Files count where they are the box's, or make a cgroup. */
const file =
  (name: string, at: 0 | 1, rest: (args: readonly string[]) => string[] = (args) => [...args]): Writer =>
  ({ args, places, show, isInBox }) => {
    const path = at === 1 ? places.at(args[0], args[1]) : places.path(args[0])
    return isInBox(path) || isCgroup(path) ? write(name, show(path), ...rest(args.slice(at + 1))) : undefined
  }

const isCgroup = (path: string): boolean => /\/cgroup\//.test(path)

/** `makedev(0x1, 0x3)` → `1:3`. */
const device = (args: readonly string[]): string[] => [
  args[0] ?? '',
  ...args.slice(1, 2).map((numbers) => (numbers.match(/0x[0-9a-f]+|\d+/g) ?? []).map(Number).join(':')),
]

const mknod =
  (at: 0 | 1): Writer =>
  ({ args, places, show }) =>
    write('mknod', show(at === 1 ? places.at(args[0], args[1]) : places.path(args[0])), ...device(args.slice(at + 1)))

const symlink: Writer = ({ args, places, show, isInBox }) => {
  const path = args.length > 2 ? places.at(args[1], args[2]) : places.path(args[1])
  return isInBox(path) ? write('symlink', text(args[0]), show(path)) : undefined
}

/** On the box's own standard streams it is not a file of the box. */
const ofDescriptor =
  (name: string): Writer =>
  ({ args, places, show, isInBox }) => {
    const path = places.descriptor(args[0])
    return isInBox(path) && !/^[012]</.test(args[0] ?? '') ? write(name, show(path), ...args.slice(1)) : undefined
  }

const create =
  (at: 0 | 1): Writer =>
  ({ args, places, show, isInBox }) => {
    const path = at === 1 ? places.at(args[0], args[1]) : places.path(args[0])
    return args.join().includes('O_CREAT') && isInBox(path) ? write('creat', show(path)) : undefined
  }

// #region write
/** The files by which the kernel is told something: cgroups, maps, sysctls; and the one by which runC's `start` is told. */
const toldBy = (path: string): boolean => isCgroup(path) || /^\/proc\/|^\/sys\/|\.fifo$/.test(path)

const writing: Writer = ({ args, places, show }) => {
  const path = places.descriptor(args[0])
  const told = text(args[1]).replace(/\0/g, '').trim()
  return toldBy(path) ? write('write', show(path), show(told)) : undefined
}
// #endregion write

const NAMESPACES = /CLONE_(NEW\w+|INTO_CGROUP)/g

const birth: Writer = ({ args }) => {
  const flags = args.join().match(NAMESPACES) ?? []
  return /CLONE_THREAD/.test(args.join()) ? undefined : write('clone', flags.join('|') || '0')
}

// #region prctl
const CHANGES =
  /^PR_(SET_(NO_NEW_PRIVS|KEEPCAPS|DUMPABLE|PDEATHSIG|CHILD_SUBREAPER|SECUREBITS|SECCOMP)|CAPBSET_DROP|CAP_AMBIENT)$/

const prctl: Writer = ({ args }) => {
  const [option = '', ...rest] = args
  if (!CHANGES.test(option)) return undefined
  const values = rest.filter((value, n) => n === 0 || (value !== '0' && !value.startsWith('{')))
  const many = option.startsWith('PR_CAP') && values.some((value) => value.startsWith('CAP_'))
  const said = values.map((value) => (value.startsWith('CAP_') ? 'CAP_…' : value))
  return many ? { ...write('prctl', option, ...said), row: option } : write('prctl', option, ...values)
}
// #endregion prctl

/** Sets that are the same are said once: `effective=permitted=CAP_CHOWN, inheritable=0`. */
const capabilities: Writer = ({ args }) => {
  const sets = (args[1] ?? '').replace(/[{}]|1<</g, '').split(', ')
  const names = new Map<string, string[]>()
  for (const [name = '', set = ''] of sets.map((one) => one.split('=')))
    names.set(set, [...(names.get(set) ?? []), name])
  return write('capset', ...[...names].map(([set, all]) => [...all, set].join('=')))
}

const limit =
  (at: number): Writer =>
  ({ args }) => {
    const [soft, hard] = (args[at + 1] ?? '').match(/(?<==)[^,}]+/g) ?? []
    return soft === undefined ? undefined : write('setrlimit', args[at], soft, hard)
  }

const exec = ({ args, places, show }: Asked): Written =>
  write('execve', show(args.length > 3 ? places.at(args[0], args[1]) : places.path(args[0])))

/** rtnetlink(7), where strace does not know the protocol of a socket that was opened before. Questions change nothing. */
const ROUTE = ['NEWLINK', 'DELLINK', 'GETLINK', 'SETLINK', 'NEWADDR', 'DELADDR', 'GETADDR', '', 'NEWROUTE']

const netlink: Writer = ({ args }) => {
  const types = args.join().match(/(?<=nlmsg_type=)[^,}]+/g) ?? []
  const named = types.map((type) => (/^0x1[0-8] /.test(type) ? `RTM_${ROUTE[Number.parseInt(type) - 16] ?? ''}` : type))
  const changing = named.filter((type) => !type.startsWith('RTM_GET'))
  return changing.length > 0 ? write('netlink', ...changing) : undefined
}

/** `{attr_set=MOUNT_ATTR_IDMAP, attr_clr=0, propagation=MS_PRIVATE, …}`: what changes. */
const attributes: Writer = ({ args, places, show }) => {
  const value = (name: string): string => new RegExp(`(?<=${name}=)(?!0)[^,} ]+`).exec(args[3] ?? '')?.[0] ?? ''
  const cleared = value('attr_clr') && `without ${value('attr_clr')}`
  return write('mount_setattr', show(places.at(args[0], args[1])), value('attr_set'), cleared, value('propagation'))
}

const only =
  (pattern: RegExp, writer: Writer): Writer =>
  (asked) =>
    pattern.test(asked.args.join()) ? writer(asked) : undefined

const chdir =
  (path: (asked: Asked) => string): Writer =>
  (asked) =>
    asked.inside && path(asked) !== asked.places.cwd ? write('chdir', asked.show(path(asked))) : undefined

// #region vocabulary
export const VOCABULARY: Readonly<Record<string, Writer>> = {
  clone: birth,
  clone3: birth,
  fork: birth,
  vfork: birth,
  unshare: plain('unshare'),
  setns: ({ args, places, show }) => write('setns', show(places.descriptor(args[0])), args[1]),
  mount,
  umount2: onPath('umount2'),
  pivot_root: ({ args, places, show }) => write('pivot_root', ...args.map((path) => show(places.path(path)))),
  chroot: onPath('chroot'),
  chdir: chdir(({ args, places }) => places.path(args[0])),
  fchdir: chdir(({ args, places }) => places.descriptor(args[0])),
  open_tree: ({ args, places, show }) => write('open_tree', show(places.at(args[0], args[1])), args[2]),
  move_mount: ({ args, places, show }) =>
    write('move_mount', show(places.at(args[0], args[1])), show(places.at(args[2], args[3]))),
  mount_setattr: attributes,
  fsopen: plain('fsopen'),
  fsconfig: ({ args, places }) => write('fsconfig', places.descriptor(args[0]), ...args.slice(1, 4).map(text)),
  fsmount: ({ args, places }) => write('fsmount', places.descriptor(args[0]), args[2]),
  mkdir: file('mkdir', 0),
  mkdirat: file('mkdir', 1),
  rmdir: file('rmdir', 0, () => []),
  mknod: mknod(0),
  mknodat: mknod(1),
  symlink,
  symlinkat: symlink,
  chmod: file('chmod', 0),
  fchmodat: file('chmod', 1, (args) => args.slice(0, 1)),
  fchmod: ofDescriptor('chmod'),
  chown: file('chown', 0),
  lchown: file('chown', 0),
  fchownat: file('chown', 1, (args) => args.slice(0, 2)),
  fchown: ofDescriptor('chown'),
  open: create(0),
  openat: create(1),
  openat2: create(1),
  write: writing,
  pwrite64: writing,
  sethostname: ({ args }) => write('sethostname', text(args[0])),
  setdomainname: ({ args }) => write('setdomainname', text(args[0])),
  setsid: plain('setsid'),
  ioctl: only(/TIOCSCTTY|SIOCS/, ({ args }) => write('ioctl', args[1])),
  sendto: netlink,
  sendmsg: netlink,
  setuid: plain('setuid'),
  setgid: plain('setgid'),
  setresuid: ({ args }) => write('setuid', args[0]),
  setresgid: ({ args }) => write('setgid', args[0]),
  setgroups: ({ args }) => write('setgroups', args[0] === '0' ? '0' : args[1]),
  prctl,
  capset: capabilities,
  setrlimit: limit(0),
  prlimit64: limit(1),
  seccomp: only(/SECCOMP_SET_MODE_(FILTER|STRICT)/, ({ args }) => write('seccomp', args[0], args[1])),
  keyctl: only(/KEYCTL_(JOIN_SESSION_KEYRING|SETPERM)/, ({ args, show }) =>
    write('keyctl', args[0], ...(args[0]?.includes('JOIN') ? [show(text(args[1]))] : args.slice(2))),
  ),
  landlock_create_ruleset: ({ args }) => write('landlock_create_ruleset', args[0]?.replace(/^{|, \.\.\.|}$/g, '')),
  landlock_add_rule: ({ args, places, show }) =>
    write(
      'landlock_add_rule',
      show(places.descriptor(/(?<=parent_fd=)[^}]+/.exec(args[2] ?? '')?.[0])),
      /(?<=allowed_access=)[^,]+/.exec(args[2] ?? '')?.[0],
    ),
  landlock_restrict_self: () => write('landlock_restrict_self'),
  bpf: only(/BPF_PROG_(LOAD|ATTACH)|BPF_LINK_CREATE/, ({ args }) => write('bpf', args[0])),
  memfd_create: ({ args }) => write('memfd_create', text(args[0])),
  fcntl: only(/F_ADD_SEALS/, ({ args }) => write('fcntl', args[1], args[2])),
  close_range: ({ args }) => write('close_range', args[0], args[2]),
  execve: exec,
  execveat: exec,
}
// #endregion vocabulary
