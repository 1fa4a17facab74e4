/** Lines for a drawing, which has no line breaks of its own. Widths are estimates on the safe side: fonts are the reader's. */

/** Of an em at the sizes that the style sheet gives. */
const CALL_CHARACTER = 12.5 * 0.61
const WORD_CHARACTER = 14 * 0.47

/** A system call: breaks after a comma or a bar, and within a long path only where nothing else is left. */
export const wrapCall = (text: string, room: number): string[] =>
  fill(text.split(/(?<=, )|(?<=,)(?! )|(?<=\|)/), Math.floor(room / CALL_CHARACTER))

export const wrapWords = (text: string, room: number): string[] =>
  fill(text.split(/(?<= )/), Math.floor(room / WORD_CHARACTER))

function fill(parts: readonly string[], width: number): string[] {
  const lines: string[] = ['']
  for (const part of parts.flatMap((part) => cut(part, width))) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && (last + part).trimEnd().length > width) lines.push(part)
    else lines[lines.length - 1] = last + part
  }
  return lines.map((line) => line.trimEnd())
}

function cut(part: string, width: number): string[] {
  if (part.trimEnd().length <= width) return [part]
  const at = Math.max(part.lastIndexOf('/', width - 1), 0) || width
  return [part.slice(0, at), ...cut(part.slice(at), width)]
}
