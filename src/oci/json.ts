/**
 * JSON as a runtime has to read and write it (RFC 8259). A number of 64 bits stays what it is, where JSON.parse would round it; a name that is there
 * twice is an error, since of two readers each may believe another one; and what is wrong has a line and a column.
 */
import { DEEPEST, readExactly } from './json-exact.ts'

// #region json
/**
 * @returns what JSON.parse returns, but for whole numbers beyond 2^53, which are bigint. @throws JsonError naming the place and what is so. The slow
 * reader is asked only where it would make a difference: it takes milliseconds in a process that has just begun, and JSON.parse a tenth of one (measured).
 */
export function readJson(text: string): unknown {
  const value = parsed(text)
  const isPlain = value !== undefined && !MANY_DIGITS.test(text) && namesIn(value) === namesWritten(text)
  return isPlain ? value : readExactly(text)
}
// #endregion json

/** @returns nothing for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** 2^53 has sixteen digits. */
const MANY_DIGITS = /\d{16}/

/** Fewer than are written, where one is written twice; and no number at all where it goes too deep. */
function namesIn(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth === DEEPEST) return NaN
  const below = Object.values(value).reduce<number>((sum, one) => sum + namesIn(one, depth + 1), 0)
  return Array.isArray(value) ? below : below + Object.keys(value).length
}

const TEXTS = /"(?:[^"\\]|\\.)*"(?:\s*:)?/g

const namesWritten = (text: string): number => (text.match(TEXTS) ?? []).filter((one) => one.endsWith(':')).length

// #region write
/** What JSON.stringify writes, and what it would lose: bigint as the number that it is, and -0 with its sign. @param indent of each level: none writes all on one line. */
export function writeJson(value: unknown, indent = ''): string {
  return written(value, indent, indent && '\n')
}
// #endregion write

function written(value: unknown, indent: string, newline: string): string {
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const deeper = newline + indent
  const below = (one: unknown): string => written(one, indent, deeper)
  const parts = Array.isArray(value)
    ? value.map(below)
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([name, one]) => `${JSON.stringify(name)}:${indent && ' '}${below(one)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return parts.length === 0 ? `${open}${close}` : `${open}${deeper}${parts.join(`,${deeper}`)}${newline}${close}`
}
