/** A console as it stands in a lesson: commands, and what they are said to print. */

export interface Exchange {
  command: string
  /** What the lesson says that it prints, standard output and error together. */
  expected: string[]
  /** Of the command, in the page. */
  line: number
}

// #region console
/** A line that begins with `$ ` is a command; what follows is its output, up to the next. @param line of the first line, in the page. */
export function readConsole(text: string, line: number): Exchange[] {
  const exchanges: Exchange[] = []
  let continued = false
  for (const [n, words] of text.split('\n').entries()) {
    const last = exchanges.at(-1)
    if (words.startsWith('$ ')) exchanges.push({ command: words.slice(2), expected: [], line: line + n })
    else if (!last) throw new Error(`A console begins with a command, "$ …", and this one with "${words}"`)
    else if (continued) last.command += `\n${words}`
    else last.expected.push(words)
    continued = words.endsWith('\\') && (words.startsWith('$ ') || continued)
  }
  return exchanges.map((exchange) => ({ ...exchange, expected: trimEnd(exchange.expected) }))
}
// #endregion console

const trimEnd = (lines: string[]): string[] => lines.slice(0, lines.findLastIndex((line) => line.trim()) + 1)

// #region same
/** Is that what was printed, apart from what is another at each run? A line `…` stands for any lines. */
export function isSame(expected: readonly string[], actual: readonly string[]): boolean {
  const pattern = expected.map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${escape(normal(line))}\\n`)).join('')
  return new RegExp(`^${pattern}$`).test(actual.map((line) => `${normal(line)}\n`).join(''))
}

/** Process numbers, inodes, names made of chance, times: another at each run, and on each machine. */
function normal(line: string): string {
  return VOLATILE.reduce((text, [pattern, name]) => text.replace(pattern, name), line.trimEnd())
}
// #endregion same

const VOLATILE: [RegExp, string][] = [
  [/\b(mnt|uts|ipc|pid|cgroup|net|user|time):\[\d+\]/g, '$1:[inode]'],
  [/\b(boxwright-|box |BOXWRIGHT_BOX=)[0-9a-f]{8}\b/g, '$1id'],
  [/\bbase-[0-9a-f]{12}\b/g, 'base-key'],
  [/(\bok|\bE[A-Z]+) +\d+$/, '$1 time'],
  [/\b\d+([.,]\d+)? (ms|µs|s)\b/g, 'time'],
  [/\b\d+ threads\b/g, 'n threads'],
  // Numbers of processes and of inodes. Longer ones are limits; those that begin with 0, modes.
  [/\b402653\d{4}\b/g, 'inode'],
  [/(?<![\w.:/-])[1-9]\d{2,6}(?![\w.:])/g, 'number'],
  [/ {2,}/g, '  '],
]

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
