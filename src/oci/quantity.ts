/** Quantities as people write them on a command line, as the exact numbers that the kernel takes. */
import { statSync } from 'node:fs'
import type { Throttle } from './resources.ts'

const UNITS = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n } as const

/** The kernel's counters are signed and 64 bits wide. */
const MOST = (1n << 63n) - 1n

/** `64m` → 67108864n. Units are powers of 1024: b, k, m, g, t. @throws RangeError naming the value. */
export function parseBytes(text: string, what: string): bigint {
  const [, digits, unit = ''] = /^(\d+)(?:b|([kmgt])(?:i?b)?)?$/i.exec(text) ?? []
  if (digits === undefined)
    throw refuse(what, text, 'it is not a size', 'Write a whole number with a unit: 512k, 64m, 2g')
  const bytes = BigInt(digits) * UNITS[unit.toLowerCase() as keyof typeof UNITS]
  return within(bytes, text, what, 'Write a size above zero, such as 64m')
}

/** `32` → 32n. @throws RangeError naming the value. */
export function parseCount(text: string, what: string): bigint {
  if (!/^\d+$/.test(text)) throw refuse(what, text, 'it is not a whole number', 'Write a number above zero, such as 32')
  return within(BigInt(text), text, what, 'Write a number above zero, such as 32')
}

/** `0.5` → half of each period: `{ quota: 50000n, period: 100000n }`, in microseconds. @throws RangeError naming the value. */
export function parseCpus(text: string, what: string): { quota: bigint; period: bigint } {
  const remedy = 'Write how many processors the box may keep busy: 0.5, 1, 2.25'
  if (!/^\d+(\.\d+)?$/.test(text)) throw refuse(what, text, 'it is not a number of processors', remedy)
  const micros = Math.round(Number(text) * 100_000)
  if (micros < 1000) throw refuse(what, text, 'the kernel gives nothing below 0.01 of a processor', remedy)
  // A number of four hundred digits is Infinity, which no bigint is.
  const quota = BigInt(Math.min(micros, Number.MAX_VALUE))
  return { quota: within(quota, text, what, remedy), period: 100_000n }
}

/** `0-2,4`: cpuset(7) §list format. @throws RangeError naming the value. */
export function parseCpuset(text: string, what: string): string {
  const range = /^(\d+)(?:-(\d+))?$/
  const good = text.split(',').every((part) => {
    const [, from, to = from] = range.exec(part) ?? []
    return from !== undefined && Number(from) <= Number(to)
  })
  if (!good) throw refuse(what, text, 'it is not a list of processors', 'Write numbers and ranges, such as 0-2,4')
  return text
}

/** `/dev/vda:10m` → that device's numbers and bytes a second. @throws RangeError naming the value. */
export function parseThrottle(text: string, what: string): Throttle {
  const [, path, rate] = /^(.+):([^:]+)$/.exec(text) ?? []
  const remedy = 'Write a block device and bytes a second, such as /dev/vda:10m'
  if (path === undefined || rate === undefined) throw refuse(what, text, 'it is not a device and a rate', remedy)
  const rdev = blockDevice(path)
  if (rdev === undefined) throw refuse(what, text, `"${path}" is not a block device here`, remedy)
  return { ...deviceNumbers(rdev), rate: parseBytes(rate, what) }
}

/** None when there is no such file, or it is something else. */
function blockDevice(path: string): number | undefined {
  try {
    const stat = statSync(path)
    return stat.isBlockDevice() ? stat.rdev : undefined
  } catch {
    return undefined
  }
}

/** makedev(3), backwards. */
function deviceNumbers(rdev: number): { major: number; minor: number } {
  const bits = BigInt(rdev)
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n)
  return { major: Number(major), minor: Number(minor) }
}

function within(value: bigint, text: string, what: string, remedy: string): bigint {
  if (value === 0n) throw refuse(what, text, 'nothing could run', remedy)
  if (value > MOST)
    throw refuse(what, text, `the kernel's largest number is ${MOST}`, `${remedy}, or leave the limit out`)
  return value
}

function refuse(what: string, text: string, fact: string, remedy: string): RangeError {
  return new RangeError(`Cannot set ${what} to "${text}": ${fact}\n  ${remedy}`)
}
