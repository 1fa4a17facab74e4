/** A plan as bytes, for a launcher that is not TypeScript. Numbers are little-endian, and every string ends with a NUL: native/decode.c. */
import { ERRNO } from '../kernel/error.ts'
import type { CallName } from './calls.ts'
import type { Plan, Step } from './plan.ts'

// #region takes
/** In the order of the table in native/calls.c. n: a number, s: a string, l: a list of strings, u: of numbers, b: bytes. */
export const TAKES: Readonly<Record<CallName, string>> = {
  chroot: 's',
  chdir: 's',
  fchdir: 'n',
  unshare: 'n',
  setns: 'sn',
  clone_into_cgroup: 's',
  sethostname: 's',
  mount: 'sssns',
  umount2: 'sn',
  pivot_root: 'ss',
  open_tree: 'nsn',
  mount_setattr: 'nnnns',
  move_mount: 'ns',
  mkdir: 'sn',
  rmdir: 's',
  mknod: 'snn',
  symlink: 'ss',
  write: 'ss',
  setgroups: 'u',
  setgid: 'n',
  setuid: 'n',
  prctl: 'nnn',
  capset: 'nnn',
  capbset: 'n',
  setrlimit: 'nnn',
  seccomp: 'nb',
  keyctl: 'ns',
  landlock_create_ruleset: 'nnnn',
  landlock_add_rule: 'nsn',
  landlock_restrict_self: 'n',
  netlink: 'nbn',
  bpf_prog_load: 'nb',
  bpf_prog_attach: 'ns',
  run: 'slls',
  ask: 'ss',
  execvpe: 'sll',
}
// #endregion takes

const NUMBERS = Object.fromEntries(Object.keys(TAKES).map((name, number) => [name, number])) as Record<CallName, number>

// #region encode
/** @throws TypeError when a string holds a NUL byte, or bytes are not hexadecimal. */
export function encode(plan: Plan): Buffer {
  return Buffer.concat([Buffer.from('BOXPLAN1'), u32(plan.length), ...plan.map(encodeStep)])
}

function encodeStep({ lane, call, args, fine = [] }: Step): Buffer {
  const errnos = fine.map((code) => ERRNO[code] ?? 0)
  const head = Buffer.from([lane === 'box' ? 1 : 0, NUMBERS[call], errnos.length, ...errnos])
  const encoded = args.map((arg, n) => ENCODERS[TAKES[call].charAt(n) as Kind](arg as never))
  return withLength(Buffer.concat([head, ...encoded]))
}
// #endregion encode

type Kind = keyof typeof ENCODERS

const ENCODERS = {
  n: (number: number) => u64(number),
  s: (text: string) => withLength(encodeText(text)),
  l: (list: string[]) => Buffer.concat([u32(list.length), ...list.map((text) => withLength(encodeText(text)))]),
  u: (numbers: number[]) => Buffer.concat([u32(numbers.length), ...numbers.map(u64)]),
  b: (hex: string) => withLength(encodeBytes(hex)),
}

function encodeText(text: string): Buffer {
  if (text.includes('\0'))
    throw new TypeError(`Cannot encode ${JSON.stringify(text)}: it holds a NUL byte, which ends a string in C`)
  return Buffer.from(`${text}\0`)
}

function encodeBytes(hex: string): Buffer {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new TypeError(`Cannot encode "${hex}": it is not bytes in hexadecimal`)
  return Buffer.from(hex, 'hex')
}

const withLength = (bytes: Buffer): Buffer => Buffer.concat([u32(bytes.length), bytes])

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
  return bytes
}
