/** The arguments of a call as its man page writes them: flags by name, modes in octal, strings as they are. */
import * as constants from '../kernel/constants.ts'
import * as netlink from '../kernel/netlink.ts'
import * as scheduling from '../oci/scheduling.ts'
import type { Step, Undo } from './plan.ts'

type Writer = (value: unknown) => string

const octal: Writer = (value) => `0${Number(value).toString(8)}`
const quiet: Writer = (value) => (value === '' ? "''" : String(value))
const words: Writer = (value) => (value as string[]).join(' ')
const size: Writer = (value) => (value === '' ? "''" : `${(value as string).length} characters`)
const variables: Writer = (value) => `${(value as string[]).length} variables`
const slot: Writer = (value) => `#${String(value)}`
const list: Writer = (value) => `[${(value as number[]).join(', ')}]`
const bytes: Writer = (value) => `${(value as string).length / 2} bytes`
const hex: Writer = (value) => `0x${Number(value).toString(16)}`
const namedIn =
  (table: Record<string, unknown>): Writer =>
  (value) =>
    Object.entries(table).find(([, number]) => number === value)?.[0] ?? String(value)
const named =
  (...prefixes: string[]): Writer =>
  (value) =>
    namedIn(startingWith(prefixes))(value)
const flagsIn =
  (table: Record<string, number>): Writer =>
  (value) =>
    Object.entries(table)
      .filter(([, bit]) => (Number(value) & bit) === bit)
      .map(([name]) => name)
      .join('|') || '0'
const flags =
  (...prefixes: string[]): Writer =>
  (value) =>
    flagsIn(startingWith(prefixes))(value)

/** Looked up when it is asked for: few processes write anything. */
const startingWith = (prefixes: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(constants).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))),
  ) as Record<string, number>

/** The mode and its flags stand in one word. */
const memoryMode: Writer = (value) => {
  const all = Object.values(scheduling.MEMORY_FLAGS).reduce<number>((sum, flag) => sum | flag, 0)
  const mode = namedIn(scheduling.MEMORY_MODES)(Number(value) & ~all)
  return Number(value) & all ? `${mode}|${flagsIn(scheduling.MEMORY_FLAGS)(value)}` : mode
}

/** IOPRIO_PRIO_VALUE: the class stands above the number. */
const ioPriority: Writer = (value) =>
  `${namedIn(scheduling.IO_CLASSES)(Number(value) >> constants.IOPRIO_CLASS_SHIFT)} ${Number(value) & 7}`

/** A netlink message tells what it is in its head. */
const messages: Writer = (value) => {
  const types = netlink.parseReplies(Buffer.from(value as string, 'hex')).map(({ type }) => named('RTM_')(type))
  return types.join('+')
}

const S_IFMT = 0o170000
const kind = named('S_IF')

/** How each argument is written, by its place; text is the default. */
const WRITERS: Partial<Record<string, Partial<Record<number, Writer>>>> = {
  fchdir: { 0: slot },
  unshare: { 0: flags('CLONE_') },
  setns: { 1: flags('CLONE_') },
  open_tree: { 0: slot, 2: flags('OPEN_TREE_', 'AT_RECURSIVE') },
  mount_setattr: { 0: slot, 1: flags('AT_RECURSIVE'), 2: flags('MOUNT_ATTR_'), 3: flags('MOUNT_ATTR_') },
  move_mount: { 0: slot },
  mount: { 3: flags('MS_') },
  umount2: { 1: flags('MNT_') },
  mkdir: { 1: octal },
  mknod: {
    1: (mode) => `${kind(Number(mode) & S_IFMT)}|${octal(Number(mode) & 0o777)}`,
    2: (device) => numbers(Number(device)),
  },
  setgroups: { 0: list },
  prctl: { 0: named('PR_') },
  capset: { 0: hex, 1: hex, 2: hex },
  capbset: { 0: hex },
  setrlimit: { 0: named('RLIMIT_') },
  seccomp: { 1: bytes },
  keyctl: { 0: named('KEYCTL_') },
  landlock_create_ruleset: { 0: slot, 1: flags('LANDLOCK_ACCESS_FS_'), 2: hex, 3: flags('LANDLOCK_SCOPE_') },
  landlock_add_rule: { 0: slot, 2: flags('LANDLOCK_ACCESS_FS_') },
  landlock_restrict_self: { 0: slot },
  netlink: { 0: named('NETLINK_'), 1: messages },
  bpf_prog_load: { 0: slot, 1: bytes },
  bpf_prog_attach: { 0: slot },
  run: { 1: words, 2: variables, 3: size },
  umask: { 0: octal },
  personality: { 0: hex },
  set_mempolicy: { 0: memoryMode, 1: list },
  sched_setattr: { 1: namedIn(scheduling.POLICIES), 2: flagsIn(scheduling.SCHEDULER_FLAGS) },
  sched_setaffinity: { 1: list },
  ioprio_set: { 0: named('IOPRIO_WHO_'), 2: ioPriority },
  prlimit: { 1: named('RLIMIT_') },
  connect: { 0: slot },
  memfd_create: { 0: slot },
  seccomp_listener: { 1: bytes, 2: slot, 3: slot },
  open: { 0: slot, 2: flags('O_') },
  access: { 1: variables },
  read: { 0: slot, 1: slot },
  open_tree_attr: {
    0: slot,
    2: flags('OPEN_TREE_', 'AT_RECURSIVE'),
    3: flags('MOUNT_ATTR_'),
    4: flags('MOUNT_ATTR_'),
    5: flags('MS_'),
  },
  idmap: { 0: slot, 1: flags('AT_RECURSIVE') },
  close: { 0: slot },
  copy: { 0: slot },
  socketpair: { 0: slot },
  openpty: { 0: slot, 1: slot },
  fchown: { 0: slot },
  bind_fd: { 0: slot },
  sendmsg: { 0: slot, 2: slot },
  pidfd_open: { 0: slot },
  login_tty: { 0: slot },
  execvpe: { 1: words, 2: variables },
}

/** makedev(3): major and minor, each in two pieces. */
const numbers = (device: number): string => `${(device >>> 8) & 0xfff}:${((device >>> 12) & 0xfff00) | (device & 0xff)}`

/** `mount(proc, /proc, proc, MS_NOSUID|MS_NODEV, '')`. What cannot be seen, such as a newline, is written as in JSON. */
export function symbolic({ call, args }: Step | Undo): string {
  const written = args.map((arg, n) => (WRITERS[call]?.[n] ?? quiet)(arg))
  return `${call}(${written.map(printable).join(', ')})`
}

const printable = (text: string): string => (/[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text)
