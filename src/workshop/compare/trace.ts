/** What strace(1) has written, read again: the system calls of all processes, each whole, in the order in which they were answered. */

export interface Traced {
  pid: number
  call: string
  /** As strace decodes them, one by one: `"/proc"`, `MS_NOSUID|MS_NODEV`, `3</etc/passwd>`. */
  args: string[]
  /** What comes after the equals sign: `0`, `3</etc/passwd>`; `?` of a call that never returned. */
  result: string
  /** Of a call that the kernel refused: `ENOENT`. */
  error?: string
}

// #region trace
/** Reads the output of `strace -f`. A call that another process's has interrupted stands in two lines, and becomes one. */
export function parseTrace(text: string): Traced[] {
  const begun = new Map<number, string>()
  return text.split('\n').flatMap((line) => {
    const [, number = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const pid = Number(number)
    const [, head] = /^(.*?) *<unfinished \.\.\.>$/.exec(rest) ?? []
    if (head !== undefined) begun.set(pid, head)
    return head === undefined ? (callOf(pid, whole(rest, begun.get(pid) ?? '')) ?? []) : []
  })
}
// #endregion trace

const whole = (rest: string, head: string): string => rest.replace(/^<\.\.\. \w+ resumed>/, () => head)

/** Signals and ends (`--- SIGCHLD {…} ---`, `+++ exited with 0 +++`) are no calls. */
function callOf(pid: number, text: string): Traced | undefined {
  const name = /^(\w+)\(/.exec(text)?.[1]
  if (name === undefined) return undefined
  const { parts, end } = splitArguments(text, name.length + 1)
  const result = /^ *= (.*)$/.exec(text.slice(end))?.[1]?.trim()
  if (result === undefined) return undefined
  const error = /^(?:-1|\?) (E[A-Z0-9]+)\b/.exec(result)?.[1]
  return { pid, call: name, args: parts, result, ...(error !== undefined && { error }) }
}

const CLOSES: Record<string, string> = { '(': ')', '[': ']', '{': '}', '<': '>' }

/** @returns the arguments that begin at `start`, and the place after the bracket that ends them. */
function splitArguments(text: string, start: number): { parts: string[]; end: number } {
  const parts: string[] = []
  const open: string[] = []
  let [from, at] = [start, start]
  for (; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') at = endOfString(text, at)
    else if (open.length === 0 && (character === ',' || character === ')')) {
      parts.push(text.slice(from, at).trim())
      from = at + 1
      if (character === ')') break
    } else if (character === open.at(-1)) open.pop()
    else if (character in CLOSES && (character !== '<' || isName(text, at))) open.push(CLOSES[character] ?? '')
  }
  return { parts: parts.filter((part, n) => part !== '' || n > 0), end: at + 1 }
}

/** `3</etc/passwd>` opens a name; `1<<CAP_CHOWN` is a shift. */
const isName = (text: string, at: number): boolean => /^[0-9D]<[^<]/.test(text.slice(at - 1, at + 2))

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
  return at
}

// #region unquote
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' }

/** `"a\n\0"` as the program had it. What is no string stays as it is. */
export function unquote(text: string): string {
  const [, body] = /^"(.*)"(?:\.\.\.)?$/s.exec(text) ?? []
  if (body === undefined) return text
  return body.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/g, (_, escape: string) => {
    if (escape.startsWith('x')) return String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8))
    return ESCAPES[escape] ?? escape
  })
}
// #endregion unquote
