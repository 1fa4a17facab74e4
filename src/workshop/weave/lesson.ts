/** A lesson's text, read: its front matter, and its blocks with the lines that they stand on. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Marked, type Token, type Tokens } from 'marked'

export interface Lesson {
  number: number
  /** Path from the repository's root. */
  path: string
  directory: string
  title: string
  minutes: { teaching: number; exercises: number }
  needs: string[]
  teaches: string[]
  blocks: Block[]
}

/** What a block is to a weaver: prose; a quotation of source; or a fence, whose language says what is to be done with it. */
export type Block =
  | { kind: 'prose'; line: number; token: Token }
  | { kind: 'quote'; line: number; token: Token; reference: string }
  | { kind: 'console' | 'plan' | 'diff' | 'other'; line: number; token: Token; text: string; language: string }

// #region lesson
export function readLesson(repository: string, path: string): Lesson {
  const source = readFileSync(join(repository, path), 'utf8')
  const { front, body, offset } = cutFrontMatter(source)
  const directory = path.replace(/\/lesson\.md$/, '')
  return {
    number: Number(/(\d+)-/.exec(directory)?.[1]),
    path,
    directory,
    ...readFrontMatter(front, path),
    blocks: blocks(body, offset),
  }
}

/** All lessons, in their order. */
export function readLessons(repository: string): Lesson[] {
  const directories = readdirSync(join(repository, 'lessons'))
    .filter((name) => /^\d\d-/.test(name))
    .sort()
  return directories.map((name) => readLesson(repository, `lessons/${name}/lesson.md`))
}
// #endregion lesson

/** `<<< path#name`, alone on a line, as a token of marked's own. */
const quotation = {
  name: 'quotation',
  level: 'block' as const,
  start: (source: string) => /^<<< /m.exec(source)?.index,
  tokenizer(source: string): Tokens.Generic | undefined {
    const match = /^<<< (\S+)[^\S\n]*(?:\n+|$)/.exec(source)
    return match ? { type: 'quotation', raw: match[0], reference: match[1] } : undefined
  },
}

export const reader = new Marked({ gfm: true, extensions: [quotation] })

function blocks(body: string, offset: number): Block[] {
  let line = offset + 1
  return reader.lexer(body).flatMap((token) => {
    const at = line
    line += token.raw.split('\n').length - 1
    return token.type === 'space' ? [] : [block(token, at)]
  })
}

function block(token: Token, line: number): Block {
  if (token.type === 'quotation') return { kind: 'quote', line, token, reference: token['reference'] as string }
  if (token.type !== 'code') return { kind: 'prose', line, token }
  const { lang = '', text } = token as Tokens.Code
  const kind = (['console', 'plan', 'diff'] as const).find((known) => known === lang) ?? 'other'
  return { kind, line, token, text, language: lang }
}

function cutFrontMatter(source: string): { front: string; body: string; offset: number } {
  const match = /^---\n([\s\S]*?\n)---\n/.exec(source)
  return {
    front: match?.[1] ?? '',
    body: source.slice(match?.[0].length ?? 0),
    offset: (match?.[0].split('\n').length ?? 1) - 1,
  }
}

/** Four fields, each on a line: a small part of YAML, and no more of it is needed. */
function readFrontMatter(front: string, path: string): Pick<Lesson, 'title' | 'minutes' | 'needs' | 'teaches'> {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:(.*)$`, 'm').exec(front)?.[1]?.trim()
    if (value === undefined) throw new Error(`Cannot read "${path}": its front matter has no "${name}"`)
    return value
  }
  const number = (name: string): number => Number(new RegExp(`${name}: *(\\d+)`).exec(field('minutes'))?.[1] ?? 0)
  const list = (name: string): string[] =>
    field(name)
      .replace(/^\[|\]$/g, '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  const title = field('title').replace(/^(['"])(.*)\1$/, '$2')
  return {
    title,
    minutes: { teaching: number('teaching'), exercises: number('exercises') },
    needs: list('needs'),
    teaches: list('teaches'),
  }
}
