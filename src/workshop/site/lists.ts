/** The two pages to look things up in: all source files that are explained, and the glossary. */
import type { Token } from 'marked'
import { annotate } from './annotate.ts'
import { GLOSSARY_PAGE, leadsTo, lessonPage, sourcePage, SOURCES_PAGE, type Book, type Chapter } from './book.ts'
import { GLOSSARY, linker, type Term } from './glossary.ts'
import { markup, type Markup } from './markup.ts'
import { prose } from './prose.ts'
import { page } from './shell.ts'
import { readSource, teacherOf } from './source-page.ts'
import { linkTo, plain, replaceTokens } from './tokens.ts'

// #region lists
export const sourcesPageOf = (book: Book): string =>
  page({
    path: SOURCES_PAGE,
    title: 'Annotated source – Boxwright',
    description: 'Every source file that a lesson explains, its comments beside its code',
    kind: 'list',
    main: markup`<header class="head"><h1>Annotated source</h1>
<p class="lead">The files that the lessons explain, in the order in which they do. Comments stand beside the code.</p></header>
${book.chapters.map((chapter) => group(book, chapter))}
${others(book)}`,
  })

export const glossaryPageOf = (book: Book): string =>
  page({
    path: GLOSSARY_PAGE,
    title: 'Glossary – Boxwright',
    description: 'The words of the trade, each with where it comes from',
    kind: 'list',
    main: markup`<header class="head"><h1>Glossary</h1>
<p class="lead">${book.terms.length} words, in a few exact sentences each, with where to read on.</p></header>
<dl class="glossary">${book.terms.map((term) => entry(book, term))}</dl>`,
  })
// #endregion lists

function group(book: Book, { lesson }: Chapter): Markup {
  const files = book.sources.filter((path) => teacherOf(book, path)?.lesson === lesson)
  return markup`<section><h2><a href="../${lessonPage(lesson)}">${lesson.number} · ${lesson.title}</a></h2>
${fileList(book, files)}</section>`
}

function others(book: Book): Markup | false {
  const files = book.sources.filter((path) => !teacherOf(book, path))
  return (
    files.length > 0 && markup`<section><h2>Attacks, and what else is quoted</h2>${fileList(book, files)}</section>`
  )
}

const fileList = (book: Book, files: readonly string[]): Markup =>
  markup`<ul class="sources">${files.map((path) => markup`<li><a href="../${sourcePage(path)}"><code>${path}</code></a> <span>${opening(book, path)}</span></li>`)}</ul>`

/** The first sentence of the paragraph that each file begins with. */
function opening(book: Book, path: string): string {
  const [first] = annotate(book.highlight(readSource(book, path), 'typescript'))
  const text =
    first?.comment
      .replace(/\s+/g, ' ')
      .replace(/`/g, '')
      .replace(/^Lesson \d+\. /, '') ?? ''
  return /^.*?[.!?](?= [A-Z]|$)/.exec(text)?.[0] ?? text
}

function entry(book: Book, { name, id, also, meaning }: Term): Markup {
  const terms = linker(
    book.terms.filter((term) => term.id !== id),
    '',
  )
  const { render } = prose({
    href: (href) => leadsTo(book, GLOSSARY, GLOSSARY_PAGE, href),
    terms: (tokens) => (tokens[0]?.raw.startsWith('—') ? manualPages(tokens) : terms(tokens)),
  })
  return markup`<div><dt id="${id}"><dfn>${name}</dfn>${also.length > 0 && markup` <small>${also.join(', ')}</small>`}</dt>
<dd>${meaning.map((token: Token) => render(token))}</dd></div>
`
}

/** `mount(2)` leads to the manual. Nothing is loaded from there before somebody goes there. */
const manualPages = (tokens: readonly Token[]): Token[] =>
  replaceTokens(tokens, (token) => {
    if (token.type !== 'text') return undefined
    return token.raw.split(/([a-z]\w*\(\d\))/).map((part) => {
      const [, name, section] = /^(\w+)\((\d)\)$/.exec(part) ?? []
      return name === undefined
        ? plain(part)
        : linkTo(`${MANUAL}/man${section}/${name}.${section}.html`, part, plain(part))
    })
  })

const MANUAL = 'https://man7.org/linux/man-pages'
