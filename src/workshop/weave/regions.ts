/** A piece of source by its name: a region between two marks, or a whole exported function or constant. */
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'

export interface Excerpt {
  path: string
  /** The first line's number in the file. */
  line: number
  /** The last one's. */
  last: number
  text: string
}

// #region excerpt
/** @param reference `path#name`, from the repository's root. @throws Error when the path leaves the repository, or the name is not there. */
export function excerpt(repository: string, reference: string): Excerpt {
  const [path = '', name = ''] = reference.split('#')
  const file = resolve(repository, path)
  if (relative(repository, file).startsWith('..')) throw refuse(reference, 'the path leaves the repository')
  const lines = readLines(file, reference)
  const found = region(lines, name) ?? declaration(lines, name)
  if (!found) throw refuse(reference, `there is no region and no export "${name}" in ${path}`)
  const [from, to] = found
  const text = outdent(lines.slice(from, to).filter((line) => !MARK.test(line))).join('\n')
  return { path, line: from + 1, last: to, text }
}
// #endregion excerpt

const MARK = /^\s*\/\/ #(region|endregion)\b/

/** The lines between the marks. */
function region(lines: readonly string[], name: string): [number, number] | undefined {
  const from = lines.findIndex((line) => line.trim() === `// #region ${name}`)
  const to = lines.findIndex((line) => line.trim() === `// #endregion ${name}`)
  return from >= 0 && to > from ? [from + 1, to] : undefined
}

/** From an export with its comment to the line that closes it: the next one that is not indented and ends it. */
function declaration(lines: readonly string[], name: string): [number, number] | undefined {
  const opening = new RegExp(`^export (async )?(function|const|class|interface|type) ${name}\\b`)
  const at = name === '' ? -1 : lines.findIndex((line) => opening.test(line))
  if (at < 0) return undefined
  const end = lines.findIndex(
    (line, n) => n >= at && (n > at ? /^[})\]]/.test(line) : /^export (const|type) .*[^{([=]$/.test(line)),
  )
  return [commentStart(lines, at), (end < 0 ? at : end) + 1]
}

/** The comment right above belongs to it. */
function commentStart(lines: readonly string[], at: number): number {
  if (lines[at - 1]?.trimEnd().endsWith('*/') !== true) return at
  const start = lines.slice(0, at).findLastIndex((line) => line.startsWith('/**'))
  return start < 0 ? at : start
}

function outdent(lines: readonly string[]): string[] {
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(depth))
}

function readLines(file: string, reference: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (cause) {
    throw refuse(reference, 'there is no such file', cause)
  }
}

const refuse = (reference: string, fact: string, cause?: unknown): Error =>
  new Error(`Cannot quote "${reference}": ${fact}`, { cause })
