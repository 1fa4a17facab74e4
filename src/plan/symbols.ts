/** The arguments of a call as its man page writes them: flags by name, modes in octal, strings as they are. */
import * as constants from '../kernel/constants.ts'
import * as netlink from '../kernel/netlink.ts'
import { S_IFCHR } from '../kernel/constants.ts'
import type { Step, Undo } from './plan.ts'

type Writer = (value: unknown) => string

const octal: Writer = (value) => `0${Number(value).toString(8)}`
const quiet: Writer = (value) => (value === '' ? "''" : String(value))
const words: Writer = (value) => (value as string[]).join(' ')
const variables: Writer = (value) => `${(value as string[]).length} variables`
const slot: Writer = (value) => `#${String(value)}`
const list: Writer = (value) => `[${(value as number[]).join(', ')}]`
const bytes: Writer = (value) => `${(value as string).length / 2} bytes`
const hex: Writer = (value) => `0x${Number(value).toString(16)}`
const named = (prefix: string): Writer => {
  const known = Object.entries(constants).filter(([name]) => name.startsWith(prefix))
  return (value) => known.find(([, number]) => number === value)?.[0] ?? String(value)
}
const flags = (...prefixes: string[]): Writer => {
  const known = Object.entries(constants).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))) as [
    string,
    number,
  ][]
  return (value) =>
    known
      .filter(([, bit]) => (Number(value) & bit) === bit)
      .map(([name]) => name)
      .join('|') || '0'
}

/** A netlink message tells what it is in its head. */
const messages: Writer = (value) => {
  const types = netlink.parseReplies(Buffer.from(value as string, 'hex')).map(({ type }) => named('RTM_')(type))
  return types.join('+')
}

const S_IFMT = 0o170000

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
    1: (mode) => `${(Number(mode) & S_IFMT) === S_IFCHR ? 'S_IFCHR' : 'S_IFREG'}|${octal(Number(mode) & 0o777)}`,
    2: (device) => `${Number(device) >> 8}:${Number(device) & 0xff}`,
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
  run: { 1: words, 2: variables, 3: quiet },
  execvpe: { 1: words, 2: variables },
}

/** `mount(proc, /proc, proc, MS_NOSUID|MS_NODEV, '')`. What cannot be seen, such as a newline, is written as in JSON. */
export function symbolic({ call, args }: Step | Undo): string {
  const written = args.map((arg, n) => (WRITERS[call]?.[n] ?? quiet)(arg))
  return `${call}(${written.map(printable).join(', ')})`
}

const printable = (text: string): string => (/[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text)
