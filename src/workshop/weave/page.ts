/** A page of Markdown – a lesson, a deck of slides – as a weaver sees it: blocks, each with the line that it stands on. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Marked, type Token, type Tokens } from 'marked'

export interface Page {
  /** From the repository's root. */
  path: string
  /** The lines between the first two `---`. */
  front: string
  blocks: Block[]
}

/** The first and the last of some lines. */
export type Lines = [first: number, last: number]

/** What a block is to a weaver: prose; a quotation of source; or a fence, whose language says what is to be done with it. */
export type Block =
  | { kind: 'prose'; line: number; token: Token }
  | { kind: 'quote'; line: number; reference: string; steps: Lines[] }
  | { kind: 'fence'; line: number; language: string; text: string }

// #region page
export function readPage(repository: string, path: string): Page {
  const source = readFileSync(join(repository, path), 'utf8')
  const [head = '', front = ''] = /^---\n([\s\S]*?\n)---\n/.exec(source) ?? []
  return { path, front, blocks: blocks(source.slice(head.length), head.split('\n').length) }
}

/** @param line of the page's first character. */
function blocks(body: string, line: number): Block[] {
  return reader.lexer(body).flatMap((token) => {
    const at = line
    line += token.raw.split('\n').length - 1
    return token.type === 'space' ? [] : [block(token, at)]
  })
}

/** All decks of slides, in their order. */
export function readDecks(repository: string): Page[] {
  const directory = join(repository, 'slides')
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.md')) : []
  return names.sort().map((name) => readPage(repository, `slides/${name}`))
}
// #endregion page

function block(token: Token, line: number): Block {
  if (token.type === 'quotation') {
    const { reference, steps } = token as Tokens.Generic & { reference: string; steps: string }
    return { kind: 'quote', line, reference, steps: readSteps(steps) }
  }
  if (token.type !== 'code') return { kind: 'prose', line, token }
  const { lang = '', text } = token as Tokens.Code
  return { kind: 'fence', line, language: lang, text }
}

/**
 * `<<< path#name`, alone on a line, as a token of marked's own. On a slide lines may follow, to be shown step by step:
 * `<<< path#name 2|4-6`.
 */
const quotation = {
  name: 'quotation',
  level: 'block' as const,
  start: (source: string) => /^<<< /m.exec(source)?.index,
  tokenizer(source: string): Tokens.Generic | undefined {
    const match = /^<<< (\S+)(?: +([\d|-]+))?[^\S\n]*(?:\n+|$)/.exec(source)
    return match ? { type: 'quotation', raw: match[0], reference: match[1], steps: match[2] ?? '' } : undefined
  },
}

/** `2|4-6`: first line 2, then lines 4 to 6. */
function readSteps(text: string): Lines[] {
  const ranges = text.split('|').filter(Boolean)
  return ranges.map((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return [first, last]
  })
}

export const reader = new Marked({ gfm: true, extensions: [quotation] })

/** Fences that stand in a list or in a quotation, where no weaver comes by: their languages. */
export function hiddenFences(token: Token): string[] {
  if (token.type === 'code') return [(token as Tokens.Code).lang ?? '']
  if (token.type === 'quotation') return ['<<<']
  const { tokens = [], items = [] } = token as { tokens?: Token[]; items?: Token[] }
  return [...tokens, ...items].flatMap(hiddenFences)
}
