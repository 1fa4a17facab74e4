/** What a value has to be so that a kernel, or the runtime specification's prose, can mean something by it. */
import { integer, list, object, text, wide, type Check, type Fields, type Rule } from './rule.ts'

export const given: Check<string> = [(value) => value !== '', 'it is empty']
export const absolute: Check<string> = [(value) => value.startsWith('/'), 'it has to begin with "/"']

/** Whoever leaves a text empty has left it out, as every program in Go does. */
export const emptyOr = ([holds, ...said]: Check<string>): Check<string> => [
  (value) => value === '' || holds(value),
  ...said,
]

export const path = text(absolute)
export const texts = list(text())

/** A name of its own below a directory of the kernel's. */
export const fileName: Check<string> = [
  (value) => !value.includes('/') && !['', '.', '..'].includes(value),
  'it is not the name of one file',
]

/** environ(7). */
export const environment = list(
  text([(value) => value.indexOf('=') > 0, 'it is no variable', 'Write NAME=value, with an empty value if need be']),
)

export const int32 = (...checks: Check<number>[]): Rule => integer(-(2 ** 31), 2 ** 31 - 1, ...checks)
export const uint32 = (...checks: Check<number>[]): Rule => integer(0, 2 ** 32 - 1, ...checks)
export const int64 = (...checks: Check<bigint>[]): Rule => wide(-(1n << 63n), (1n << 63n) - 1n, ...checks)
export const uint64 = (...checks: Check<bigint>[]): Rule => wide(0n, (1n << 64n) - 1n, ...checks)

export const within = (least: number, most: number): Check<number> => [
  (value) => value >= least && value <= most,
  `it goes from ${least} to ${most}`,
]

/** 4294967295 is -1, with which setuid(2) changes nothing. */
export const id = uint32([(value) => value < 2 ** 32 - 1, 'it is -1 to the kernel, which means nobody'])

/** cpuset(7) §list format: `0-3,7`. */
export const numbers: Check<string> = [
  (value) => value.split(',').every((part) => isRange(part.trim())),
  'it is not a list of numbers and ranges',
  'Write it as 0-3,7',
]

function isRange(part: string): boolean {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? []
  return from !== undefined && Number(from) <= Number(to)
}

// #region mappings
const mapping = object(
  { containerID: uint32(), hostID: uint32(), size: uint32() },
  ['containerID', 'hostID', 'size'],
  [({ size }) => Number(size) > 0, 'it maps no number'],
  [
    ({ containerID, hostID, size }) => Math.max(Number(containerID), Number(hostID)) + Number(size) <= 2 ** 32 - 1,
    'it goes beyond the last number, 4294967294',
  ],
)

/** user_namespaces(7), "Defining user and group ID mappings". */
export const mappings = list<Fields>(
  mapping,
  [(items) => items.length <= 340, 'the kernel takes 340 ranges'],
  [(items) => areApart(items, 'containerID'), 'a number in the container is in two of the ranges'],
  [(items) => areApart(items, 'hostID'), 'a number outside is in two of the ranges'],
)

function areApart(items: readonly Fields[], side: 'containerID' | 'hostID'): boolean {
  const ranges = items.map((one) => ({ from: Number(one[side]), size: Number(one['size']) }))
  const sorted = ranges.sort((a, b) => a.from - b.from)
  return sorted.every(({ from, size }, n) => from + size <= (sorted[n + 1]?.from ?? Infinity))
}
// #endregion mappings

/** makedev(3), mknod(2): 12 bits and 20. */
export const major = integer(0, 0xfff)
export const minor = integer(0, 0xfffff)
