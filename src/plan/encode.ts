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
  run: 'sllsn',
  ask: 'ss',
  open: 'nsn',
  access: 'sl',
  read: 'nn',
  open_tree_attr: 'nsnnnn',
  idmap: 'nnss',
  close: 'n',
  copy: 'ns',
  lchown: 'snn',
  setdomainname: 's',
  umask: 'n',
  personality: 'n',
  set_mempolicy: 'nu',
  sched_setattr: 'snnnnnnn',
  sched_setaffinity: 'su',
  ioprio_set: 'nsn',
  prlimit: 'snnn',
  connect: 'ns',
  memfd_create: 'ns',
  seccomp_listener: 'nbnn',
  move_link: 'sss',
  tcgetattr: '',
  socketpair: 'n',
  openpty: 'nnnn',
  fchown: 'nnn',
  bind_fd: 'ns',
  sendmsg: 'nsn',
  login_tty: 'n',
  pidfd_open: 'ns',
  setsid: '',
  execvpe: 'sll',
}
// #endregion takes

const NUMBERS = Object.fromEntries(Object.keys(TAKES).map((name, number) => [name, number])) as Record<CallName, number>

// #region encode
/** @throws TypeError when a string holds a NUL byte, or bytes are not hexadecimal. */
export function encode(plan: Plan): Buffer {
  const bytes = new Growing()
  bytes.text('BOXPLAN1')
  bytes.u32(plan.length)
  for (const step of plan) bytes.measured(() => encodeStep(step, bytes))
  return bytes.whole()
}

function encodeStep({ lane, call, args, fine = [] }: Step, bytes: Growing): void {
  for (const byte of [lane === 'box' ? 1 : 0, NUMBERS[call], fine.length]) bytes.u8(byte)
  for (const code of fine) bytes.u8(ERRNO[code] ?? 0)
  for (const [n, arg] of args.entries()) ENCODERS[TAKES[call].charAt(n) as Kind](arg as never, bytes)
}
// #endregion encode

type Kind = keyof typeof ENCODERS

const ENCODERS = {
  n: (number: number | bigint, bytes: Growing) => bytes.u64(number),
  s: encodeText,
  l: (list: string[], bytes: Growing) => {
    bytes.u32(list.length)
    for (const text of list) encodeText(text, bytes)
  },
  u: (numbers: number[], bytes: Growing) => {
    bytes.u32(numbers.length)
    for (const number of numbers) bytes.u64(number)
  },
  b: encodeBytes,
}

function encodeText(text: string, bytes: Growing): void {
  if (text.includes('\0'))
    throw new TypeError(`Cannot encode ${JSON.stringify(text)}: it holds a NUL byte, which ends a string in C`)
  bytes.measured(() => bytes.text(`${text}\0`))
}

function encodeBytes(hex: string, bytes: Growing): void {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new TypeError(`Cannot encode "${hex}": it is not bytes in hexadecimal`)
  bytes.measured(() => bytes.text(hex, 'hex'))
}

/** One buffer for all: one for each number and string would be thousands, and more work to collect than to write (measured). */
class Growing {
  #bytes = Buffer.allocUnsafe(32 << 10)
  #length = 0

  u8(value: number): void {
    const at = this.#take(1)
    this.#bytes[at] = value
  }

  u32(value: number): void {
    const at = this.#take(4)
    this.#bytes.writeUInt32LE(value, at)
  }

  /** Most numbers are small, and bigint takes twice as long (measured). */
  u64(value: number | bigint): void {
    const at = this.#take(8)
    if (typeof value === 'number' && value >= 0 && value <= 0xffffffff) this.#halves(value, 0, at)
    else this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at)
  }

  #halves(low: number, high: number, at: number): void {
    this.#bytes.writeUInt32LE(low, at)
    this.#bytes.writeUInt32LE(high, at + 4)
  }

  text(text: string, encoding: 'utf8' | 'hex' = 'utf8'): void {
    const at = this.#take(Buffer.byteLength(text, encoding))
    this.#bytes.write(text, at, encoding)
  }

  /** What is written by `work`, and before it how long that is. */
  measured(work: () => void): void {
    const at = this.#take(4)
    work()
    this.#bytes.writeUInt32LE(this.#length - at - 4, at)
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** @returns where the next bytes go. There is room for them then. */
  #take(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], Math.max(2 * this.#bytes.length, this.#length))
    return at
  }
}
