/** A plan as bytes, for a launcher that is not TypeScript. Numbers are little-endian, and every string ends with a NUL. */
import { ERRNO } from '../kernel/error.ts'
import type { CallName, Plan, Step } from './plan.ts'

// #region calls
/** The calls that native/launch.c plays, in the order of its table. s: a string, n: a number, l: a list of strings. */
export const CALLS: readonly [name: CallName, takes: string][] = [
  ['chroot', 's'],
  ['chdir', 's'],
  ['unshare', 'n'],
  ['sethostname', 's'],
  ['mount', 'sssns'],
  ['umount2', 'sn'],
  ['pivot_root', 'ss'],
  ['mkdir', 'sn'],
  ['rmdir', 's'],
  ['mknod', 'snn'],
  ['symlink', 'ss'],
  ['write', 'ss'],
  ['prctl', 'nn'],
  ['execvpe', 'sll'],
]
// #endregion calls

// #region encode
/** @throws TypeError when a step is of a call that the native launcher does not know, or a string holds a NUL byte. */
export function encode(plan: Plan): Buffer {
  return Buffer.concat([Buffer.from('BOXPLAN1'), u32(plan.length), ...plan.map(encodeStep)])
}

function encodeStep({ lane, call, args, fine = [] }: Step): Buffer {
  const number = CALLS.findIndex(([name]) => name === call)
  const takes = CALLS[number]?.[1]
  if (takes === undefined) throw new TypeError(`Cannot encode ${call}: the native launcher does not know it`)
  const errnos = fine.map((code) => ERRNO[code] ?? 0)
  const head = Buffer.from([lane === 'box' ? 1 : 0, number, errnos.length, ...errnos])
  const encoded = args.map((arg, n) => ENCODERS[takes.charAt(n) as Kind](arg as never))
  return withLength(Buffer.concat([head, ...encoded]))
}
// #endregion encode

type Kind = keyof typeof ENCODERS

const ENCODERS = {
  s: (text: string) => withLength(encodeText(text)),
  n: (number: number) => u64(number),
  l: (list: string[]) => Buffer.concat([u32(list.length), ...list.map((text) => withLength(encodeText(text)))]),
}

function encodeText(text: string): Buffer {
  if (text.includes('\0'))
    throw new TypeError(`Cannot encode ${JSON.stringify(text)}: it holds a NUL byte, which ends a string in C`)
  return Buffer.from(`${text}\0`)
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
