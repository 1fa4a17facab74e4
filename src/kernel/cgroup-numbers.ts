/** Numbers out of a cgroup's files. They are 64 bits wide: what a JavaScript number cannot hold exactly is a bigint. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from './error-code.ts'

export type Count = number | bigint

// #region numbers
/** `max` is the most that 64 bits can say. What is not there counts nothing. */
export function count(text: string | undefined): Count {
  const trimmed = (text ?? '').trim()
  if (trimmed === 'max') return 0xffff_ffff_ffff_ffffn
  if (!/^-?\d+$/.test(trimmed)) return 0
  const value = BigInt(trimmed)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

export const countIn = (directory: string, file: string): Count => count(textOf(directory, file))

/** A flat keyed file: a name and a number in each line. */
export function countsIn(directory: string, file: string): Record<string, Count> {
  return Object.fromEntries(linesOf(directory, file).map(([name = '', value]) => [name, count(value)]))
}

/** Lines of words; none of a file that is not there, or whose cgroup has just gone. */
export const linesOf = (directory: string, file: string): string[][] =>
  (textOf(directory, file) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '))
// #endregion numbers

export function textOf(directory: string, file: string): string | undefined {
  try {
    return readFileSync(join(directory, file), 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return undefined
    throw error
  }
}

/** Of a container's cgroups, the one that has such a file. */
export const having = (cgroups: readonly string[], file: string): string | undefined =>
  cgroups.find((directory) => existsSync(join(directory, file)))
