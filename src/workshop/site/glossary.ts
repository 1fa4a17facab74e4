/** The words of the trade, from docs/glossary.md: a heading for each, other spellings below it in italics, its meaning, and where that is from. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Token, Tokens } from 'marked'
import { reader } from '../weave/page.ts'
import { slug } from './markup.ts'
import { linkTo, plain, replaceTokens } from './tokens.ts'

export interface Term {
  name: string
  id: string
  /** Other words for it, which are linked as well. */
  also: string[]
  meaning: Token[]
}

export const GLOSSARY = 'docs/glossary.md'

export function readGlossary(repository: string): Term[] {
  const tokens = reader.lexer(readFileSync(join(repository, GLOSSARY), 'utf8'))
  const terms: Term[] = []
  for (const token of tokens) {
    if (token.type === 'heading' && (token as Tokens.Heading).depth === 2)
      terms.push(termNamed(token as Tokens.Heading))
    else if (token.type !== 'space') addTo(terms.at(-1), token)
  }
  return terms.sort((one, other) => one.name.localeCompare(other.name, 'en', { sensitivity: 'base' }))
}

const termNamed = ({ text }: Tokens.Heading): Term => ({ name: text, id: slug(text), also: [], meaning: [] })

function addTo(term: Term | undefined, token: Token): void {
  const spellings = /^_([^_]+)_$/.exec(token.raw.trim())?.[1]
  if (spellings !== undefined) term?.also.push(...spellings.split(', '))
  else term?.meaning.push(token)
}

// #region link
/**
 * Links each term where a page uses it first, in words or as a piece of code: not in headings, and not within other links.
 * @param glossary as a link to it is written in that page.
 */
export function linker(terms: readonly Term[], glossary: string): (tokens: readonly Token[]) => Token[] {
  const unseen = new Set(terms)
  const spellings = new Map(terms.flatMap((term) => [term.name, ...term.also].map((word) => [word, term] as const)))
  const termOf = (word: string): Term | undefined => spellings.get(word) ?? spellings.get(lower(word))
  const link = (word: string, inside: Token): Token | undefined => {
    const term = termOf(word.replace(/\(\d\)$/, ''))
    return term && unseen.delete(term) ? linkTo(`${glossary}#${term.id}`, word, inside) : undefined
  }
  const pattern = anyOf([...spellings.keys()])
  return (tokens) =>
    replaceTokens(tokens, (token) => {
      if (['link', 'heading', 'code', 'html'].includes(token.type)) return [token]
      if (token.type === 'codespan') return [link((token as Tokens.Codespan).text, token) ?? token]
      if (token.type !== 'text' || 'tokens' in token) return undefined
      return token.raw.split(pattern).map((part, n) => (n % 2 === 1 && link(part, plain(part))) || plain(part))
    })
}
// #endregion link

const lower = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1)

/** The longest first. A term that begins with a small letter may begin a sentence; others are as they are. A section of the manual belongs to it. */
function anyOf(words: readonly string[]): RegExp {
  const ordered = [...words].sort((one, other) => other.length - one.length).map(eitherCase)
  return new RegExp(`(?<![\\w/.-])((?:${ordered.join('|')})(?:\\(\\d\\))?)(?![\\w/-])`)
}

const eitherCase = (word: string): string =>
  word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/^[a-z]/, (letter) => `[${letter}${letter.toUpperCase()}]`)
