/**
 * A source file as a book has it: what its comments say stands beside the code that they are about. A comment that follows code on its
 * line stays there.
 */
import type { Piece } from './highlight.ts'

export interface Passage {
  /** Without its marks; lines joined as they were written. */
  comment: string
  /** Lines that are shown at its side: their numbers in the file, and their pieces. */
  code: CodeLine[]
  /** Lines of the file that are not shown as code but may be pointed at: those of the comment, marks of regions, blank ones. */
  hidden: number[]
}

export interface CodeLine {
  number: number
  pieces: Piece[]
}

// #region annotate
/** @param lines of the file, from its first. Each comment begins a passage. */
export function annotate(lines: readonly Piece[][]): Passage[] {
  const passages: Passage[] = [{ comment: '', code: [], hidden: [] }]
  for (const [n, pieces] of lines.entries()) {
    const text = pieces.map((piece) => piece.text).join('')
    if (isComment(pieces) && !MARK.test(text)) passageFor(passages).comment += `${words(text)}\n`
    if (isComment(pieces)) passages.at(-1)?.hidden.push(n + 1)
    else passages.at(-1)?.code.push({ number: n + 1, pieces })
  }
  return passages.map(tidy).filter(({ comment, code }) => comment || code.length > 0)
}
// #endregion annotate

const MARK = /^\s*\/\/ #(region|endregion)\b/

const isComment = (pieces: readonly Piece[]): boolean =>
  pieces.some(({ kind }) => kind === 'comment') &&
  pieces.every(({ kind, text }) => kind === 'comment' || text.trim() === '')

/** The comment goes on while no code has come since. */
function passageFor(passages: Passage[]): Passage {
  const last = passages.at(-1)
  if (last && last.code.every(isBlank)) return last
  const fresh: Passage = { comment: '', code: [], hidden: [] }
  passages.push(fresh)
  return fresh
}

const isBlank = ({ pieces }: CodeLine): boolean => pieces.every(({ text }) => text.trim() === '')

const words = (line: string): string =>
  line
    .trim()
    .replace(/^\/\*\*? ?|^\*\/$|^\* ?|^\/\/ ?/, '')
    .replace(/ ?\*\/$/, '')

/** Blank lines at either end are not shown. */
function tidy({ comment, code, hidden }: Passage): Passage {
  const from = code.findIndex((line) => !isBlank(line))
  const to = code.findLastIndex((line) => !isBlank(line)) + 1
  const shown = from < 0 ? [] : code.slice(from, to)
  const blank = code.filter((line) => !shown.includes(line)).map((line) => line.number)
  return { comment: comment.trim(), code: shown, hidden: [...hidden, ...blank].sort((a, b) => a - b) }
}
