/** A lesson: what it is about and how long it takes, its contents, the lesson itself, and the way on. */
import { dirname, relative } from 'node:path'
import type { Token } from 'marked'
import { aboutPassport, sharesOf, visasUpTo, type Passport, type Visa } from '../passport.ts'
import type { Woven } from '../weave/weave.ts'
import { block } from './blocks.ts'
import { ATTACKS_PAGE, leadsTo, lessonPage, sourceFrom, type Book, type Chapter } from './book.ts'
import { GLOSSARY, linker } from './glossary.ts'
import { markup, type Markup, type Value } from './markup.ts'
import { prose, type Heading } from './prose.ts'
import { page } from './shell.ts'

// #region lesson
export function lessonText(book: Book, { lesson, woven }: Chapter): { body: Markup[]; headings: Heading[] } {
  const path = lessonPage(lesson)
  const { render, headings } = prose({
    href: (href) => leadsTo(book, lesson.path, path, href),
    terms: linker(book.terms, relative(dirname(lesson.path), GLOSSARY)),
  })
  const around = {
    lesson: lesson.number,
    highlight: book.highlight,
    source: (file: string) => sourceFrom(book, path, file),
    attack: (name: string) => `../${ATTACKS_PAGE}#${name}`,
  }
  const body = woven.blocks.map((part) => (part.kind === 'prose' ? render(part.token) : block(part, around)))
  return { body, headings }
}

export function lessonPageOf(book: Book, chapter: Chapter): string {
  const { lesson, woven } = chapter
  const { body, headings } = lessonText(book, chapter)
  const title = woven.blocks.findIndex(isTitle)
  const [previous, next] = neighbours(book, chapter)
  return page({
    path: lessonPage(lesson),
    title: `${lesson.number} · ${lesson.title} – Boxwright`,
    description: ideaOf(book, lesson.number),
    kind: 'lesson',
    ...(previous && { previous: `${previous.lesson.name}.html` }),
    ...(next && { next: `${next.lesson.name}.html` }),
    main: markup`<article>
<header class="head"><p class="eyebrow">Lesson ${lesson.number}</p>
${title >= 0 ? body[title] : markup`<h1>${lesson.number} · ${lesson.title}</h1>`}
${facts(book, chapter)}</header>
${contents(headings)}
<div class="text">
${body.filter((_, n) => n !== title)}
${passport(book, chapter)}
</div>
</article>
${wayOn(previous, next)}`,
  })
}
// #endregion lesson

const isTitle = (part: Woven): boolean => part.kind === 'prose' && isHeading(part.token) && part.token['depth'] === 1

const isHeading = (token: Token): token is Token & { depth: number } => token.type === 'heading'

const ideaOf = ({ stages }: Book, number: number): string =>
  stages.find(({ lesson }) => lesson === number)?.idea ?? 'A lesson of Boxwright'

function neighbours({ chapters }: Book, chapter: Chapter): [Chapter | undefined, Chapter | undefined] {
  const at = chapters.indexOf(chapter)
  return [chapters[at - 1], chapters[at + 1]]
}

function facts(book: Book, { lesson }: Chapter): Markup {
  const { teaching, exercises } = lesson.minutes
  const files = lesson.teaches.map((file) => `src/${file}.ts`)
  return markup`<p class="time"><strong>${teaching} minutes</strong> to read, <strong>${exercises}</strong> for the exercise${needs(book, lesson.needs)}</p>
<details class="files"><summary>Source that it explains: ${files.length} ${files.length === 1 ? 'file' : 'files'}</summary><ul>${files.map((file) => markup`<li><a href="${sourceFrom(book, lessonPage(lesson), file)}"><code>${file}</code></a></li>`)}</ul></details>`
}

function needs({ chapters }: Book, names: readonly string[]): Value {
  const needed = chapters.filter(({ lesson }) => names.includes(lesson.name.replace(/^\d+-/, '')))
  if (needed.length === 0) return false
  const links = needed.map(
    ({ lesson }, n) => markup`${n > 0 && ', '}<a href="${lesson.name}.html">${lesson.number} · ${lesson.title}</a>`,
  )
  return markup` <span class="needs">builds on ${links}</span>`
}

const contents = (headings: readonly Heading[]): Markup =>
  markup`<nav class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>${headings
    .filter(({ depth }) => depth === 2)
    .map(({ id, text }) => markup`<li><a href="#${id}">${text}</a></li>`)}</ol></nav>`

const passport = ({ passport }: Book, { lesson }: Chapter): Markup =>
  markup`<section class="passport" aria-label="The passport">
<table><caption><strong>The passport</strong> ${aboutPassport(passport, lesson.number)}</caption><thead><tr><th scope="col">Lesson</th><th scope="col">Programs</th><th scope="col">Assertions</th></tr></thead>
<tbody>${visasUpTo(passport, lesson.number).map((visa, n, { length }) => stamp(passport, visa, { number: lesson.number, isLast: n === length - 1 }))}</tbody></table></section>`

/** The last one is where we are: a lesson that builds no wall has none of its own. */
function stamp(passport: Passport, visa: Visa, here: { number: number; isLast: boolean }): Markup {
  const [programs, assertions] = sharesOf(passport, visa)
  const { lesson = here.number, name, clean } = visa
  return markup`<tr${here.isLast && markup` class="here"`}><th scope="row">${lesson} · ${name}</th><td><meter min="0" max="${passport.programs}" value="${clean}" aria-label="${programs}"></meter> ${programs}</td><td>${assertions}</td></tr>`
}

const wayOn = (previous: Chapter | undefined, next: Chapter | undefined): Markup =>
  markup`<nav class="way" aria-label="Lessons">${previous ? door(previous, 'previous', 'Previous') : door(undefined, 'previous', 'Home')}${next && door(next, 'next', 'Next')}</nav>`

function door(chapter: Chapter | undefined, rel: string, word: string): Markup {
  if (!chapter) return markup`<a class="${rel}" href="../index.html"><small>${word}</small> All lessons</a>`
  const { name, number, title } = chapter.lesson
  return markup`<a class="${rel}" href="${name}.html" rel="${rel === 'next' ? 'next' : 'prev'}"><small>${word}</small> ${number} · ${title}</a>`
}
