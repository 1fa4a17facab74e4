/** The arguments of a call as its man page writes them: flags by name, modes in octal, strings as they are. */
import * as constants from '../kernel/constants.ts'
import type { CallName, Step, Undo } from './plan.ts'

type Writer = (value: unknown) => string

const octal: Writer = (value) => `0${Number(value).toString(8)}`
const quiet: Writer = (value) => (value === '' ? "''" : String(value))
const words: Writer = (value) => (value as string[]).join(' ')
const flags = (prefix: string): Writer => {
  const known = Object.entries(constants).filter(([name]) => name.startsWith(prefix)) as [string, number][]
  return (value) =>
    known
      .filter(([, bit]) => (Number(value) & bit) === bit)
      .map(([name]) => name)
      .join('|') || '0'
}

/** How each argument is written, by its place; text is the default. */
const WRITERS: Partial<Record<CallName, Partial<Record<number, Writer>>>> = {
  unshare: { 0: flags('CLONE_') },
  setns: { 1: flags('CLONE_') },
  mount: { 3: flags('MS_') },
  umount2: { 1: flags('MNT_') },
  mkdir: { 1: octal },
  mknod: {
    1: (mode) => `S_IFCHR|${octal(Number(mode) & 0o777)}`,
    2: (device) => `${Number(device) >> 8}:${Number(device) & 0xff}`,
  },
  execvpe: { 1: words, 2: (env) => `${(env as string[]).length} variables` },
}

/** `mount(proc, /proc, proc, MS_NOSUID|MS_NODEV, '')`. What cannot be seen, such as a newline, is written as in JSON. */
export function symbolic({ call, args }: Step | Undo): string {
  const written = args.map((arg, n) => (WRITERS[call]?.[n] ?? quiet)(arg))
  return `${call}(${written.map(printable).join(', ')})`
}

const printable = (text: string): string => (/[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text)
