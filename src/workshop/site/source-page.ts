/** A source file as a page of a book: its comments beside its code, and which lessons quote it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { annotate, type CodeLine, type Passage } from './annotate.ts'
import { lessonPage, sourcePage, SOURCES_PAGE, type Book, type Chapter } from './book.ts'
import { coloured } from './highlight.ts'
import { markup, Markup, scroll } from './markup.ts'
import { prose } from './prose.ts'
import { reader } from '../weave/page.ts'
import { page, rootOf } from './shell.ts'

// #region source
export function sourcePageOf(book: Book, path: string): string {
  const passages = annotate(book.highlight(readSource(book, path), 'typescript'))
  const own = sourcePage(path)
  return page({
    path: own,
    title: `${path} – Boxwright`,
    description: `The source of ${path}, annotated`,
    kind: 'source',
    main: markup`<article>
<header class="head"><p class="eyebrow"><a href="${rootOf(own)}${SOURCES_PAGE}">Annotated source</a></p>
<h1><span class="directory">${path.replace(/[^/]+$/, '')}</span><wbr>${path.replace(/.*\//, '')}</h1>
${mentions(book, path)}</header>
<div class="annotated">
${passages.map((passage) => row(passage))}
</div>
</article>`,
  })
}

export const readSource = ({ repository }: Book, path: string): string =>
  readFileSync(join(repository, path), 'utf8').trimEnd()
// #endregion source

function mentions(book: Book, path: string): Markup | false {
  const root = rootOf(sourcePage(path))
  const teacher = teacherOf(book, path)
  const link = ({ lesson }: Chapter): Markup =>
    markup`<a href="${root}${lessonPage(lesson)}">lesson ${lesson.number} · ${lesson.title}</a>`
  const quoting = book.chapters.filter((chapter) => chapter !== teacher && quotes(chapter, path))
  if (!teacher && quoting.length === 0) return false
  const taught = teacher && markup`Explained in ${link(teacher)}. `
  const quoted = quoting.length > 0 && markup`Quoted in ${quoting.map((chapter, n) => [n > 0 && ', ', link(chapter)])}.`
  return markup`<p class="time">${taught}${quoted}</p>`
}

export const teacherOf = ({ chapters }: Book, path: string): Chapter | undefined =>
  chapters.find(
    ({ lesson }) =>
      lesson.teaches.some((file) => `src/${file}.ts` === path) || path.startsWith(`lessons/${lesson.name}/`),
  )

const quotes = ({ woven }: Chapter, path: string): boolean =>
  woven.blocks.some((block) => block.kind === 'quote' && block.excerpt.path === path)

const row = ({ comment, code, hidden }: Passage): Markup =>
  markup`<div class="comment">${hidden.map((line) => markup`<span id="L${line}"></span>`)}${comment && comments(comment)}</div>
<div class="code">${code.length > 0 && listing(code)}</div>
`

function listing(code: readonly CodeLine[]): Markup {
  const [first, last] = [code[0]?.number ?? 0, code.at(-1)?.number ?? 0]
  const lines = code.map(
    ({ number, pieces }) =>
      markup`<span class="line" id="L${number}"><a class="number" href="#L${number}" tabindex="-1" aria-label="Line ${number}" data-n="${number}"></a>${coloured(pieces)}\n</span>`,
  )
  return scroll(`Lines ${first} to ${last}`, lines)
}

const { render } = prose({ href: () => undefined })

/** `@param name what` begins a line of its own. */
const comments = (comment: string): Markup[] =>
  reader.lexer(comment.replace(/\s*@(param|returns|throws)\b/g, (_, tag: string) => `\n\n**${tag}**`)).map(render)
