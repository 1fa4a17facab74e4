/** A question as it is typed: a call, an error, and the call's arguments as its man page writes them. */
import * as kernel from '../../kernel/constants.ts'
import { ERRNO } from '../../kernel/error.ts'
import { Complaint } from '../complaint.ts'
import type { Call } from './cause.ts'
import { causes } from './causes.ts'
import { callOf } from './explain.ts'

export interface Question {
  /** All calls of the lessons when none was named. */
  calls: readonly Call[]
  code?: string
  args: readonly unknown[]
}

const CALLS = [...new Set(causes.flatMap(({ calls }) => calls))].sort()

// #region question
/** `['EINVAL']`, `['pivot_root', 'EINVAL', '/box', '/box/old']`. @throws Complaint naming the word that is neither. */
export function parseQuestion(words: readonly string[]): Question {
  const [first = '', second, ...rest] = words
  const code = codeOf(first)
  if (code !== undefined) return { calls: callsOf(second) ?? CALLS, code, args: [] }
  const calls = callsOf(first)
  if (!calls?.[0]) throw unknown(first)
  const its = second === undefined ? undefined : codeOf(second)
  const args = its === undefined ? words.slice(1) : rest
  return { calls, ...(its !== undefined && { code: its }), args: parseArguments(calls[0], args) }
}
// #endregion question

/** `22` and `EINVAL` alike. */
function codeOf(word: string): string | undefined {
  return Object.entries(ERRNO).find(([name, number]) => name === word.toUpperCase() || String(number) === word)?.[0]
}

function callsOf(word: string | undefined): readonly Call[] | undefined {
  const name = callOf({ umount: 'umount2', clone: 'fork' }[word ?? ''] ?? word ?? '')
  return CALLS.includes(name) ? [name] : undefined
}

const unknown = (word: string): Complaint =>
  new Complaint(
    `Cannot explain "${word}": it is neither an error nor a call of the lessons\n  Errors are named as in EINVAL or 22; the calls are: ${CALLS.join(', ')}`,
  )

/** Text where nothing else is said. */
const PARSERS: Partial<Record<Call, Partial<Record<number, (text: string) => number>>>> = {
  unshare: { 0: flags },
  setns: { 1: flags },
  mount: { 3: flags },
  umount2: { 1: flags },
  mkdir: { 1: flags },
  mknod: { 1: flags, 2: device },
}

function parseArguments(call: Call, args: readonly string[]): unknown[] {
  const [file, ...argv] = args
  if (call === 'execve' && file !== undefined) return [file, [file, ...argv], environment()]
  return args.map((arg, n) => PARSERS[call]?.[n]?.(arg) ?? arg)
}

const environment = (): string[] => Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`)

/** `MS_BIND|MS_REC`, `S_IFCHR|0666`, `4096`; a number with a 0 before it is octal, as in C. */
function flags(text: string): number {
  const known = { ...kernel, S_IFBLK: 0o060000, CLONE_FS: 0x200 } as Record<string, unknown>
  return text.split('|').reduce((all, word) => {
    const value = /^0[0-7]+$/.test(word) ? parseInt(word, 8) : Number(known[word] ?? word)
    if (!Number.isInteger(value))
      throw new Complaint(
        `Cannot read the flag "${word}": I know none of that name\n  Write its number, or names as in MS_BIND|MS_REC`,
      )
    return all | value
  }, 0)
}

/** `1:3`. */
function device(text: string): number {
  const [, major, minor] = /^(\d+):(\d+)$/.exec(text) ?? []
  if (major === undefined || minor === undefined)
    throw new Complaint(`Cannot read the device "${text}": it is not two numbers\n  Write them as in 1:3`)
  return (Number(major) << 8) | Number(minor)
}
