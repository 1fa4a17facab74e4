/** What a box may try against its host: the matrix of a run that was kept, and each attack with its story and its source. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../attacks/matrix.ts'
import { ATTACKS_PAGE, lessonPage, sourceFrom, type Book } from './book.ts'
import { coloured } from './highlight.ts'
import { markup, scroll, type Markup } from './markup.ts'
import { matrix } from './matrix.ts'
import { boxesOf, wallBuildersOf } from '../stage.ts'
import { page } from './shell.ts'
import { readSource } from './source-page.ts'

// #region attacks
export const attacksPageOf = (book: Book): string =>
  page({
    path: ATTACKS_PAGE,
    title: 'Attacks – Boxwright',
    description: 'What a box may try against its host, and the lesson whose wall keeps it in',
    kind: 'list',
    main: markup`<header class="head"><h1>Attacks</h1>
<p class="lead">${book.attacks.rows.length} ways out of a box, against each stage. “Open” is what the host found out by looking; what an attack says of itself counts for nothing.</p></header>
${matrix(book.attacks.rows, { attack: (name) => `#${name}`, stage: (stage) => chapterPage(book, stage) })}
<p class="time">Made by <code>boxwright attack</code> on Linux ${book.attacks.kernel}. Each victim is a harmless one of ours.</p>
${withoutColumn(book)}
${book.stages.map((stage) => group(book, stage.lesson))}`,
  })
// #endregion attacks

/** Who has none: what builds no wall of its own. */
function withoutColumn({ stages }: Book): Markup | false {
  const last = wallBuildersOf(stages).at(-1)
  const same = boxesOf(stages).filter(({ lesson, walls }) => lesson !== last?.lesson && walls === last?.walls)
  if (last === undefined || same.length === 0) return false
  const numbers = same.map(({ lesson }) => lesson).join(' and ')
  return markup`<p class="time">Stages ${numbers} put up the very walls of stage ${last.lesson}: its column is theirs. Stages after them make their boxes on snapshots or of bundles; an attack that comes with a root file system of its own is not made on those.</p>`
}

function chapterPage({ chapters }: Book, stage: number): string | undefined {
  const chapter = chapters.find(({ lesson }) => lesson.number === stage)
  return chapter && lessonPage(chapter.lesson)
}

function group(book: Book, stage: number): Markup | false {
  const rows = book.attacks.rows.filter(({ lesson }) => lesson === stage)
  if (rows.length === 0) return false
  const name = book.stages.find(({ lesson }) => lesson === stage)?.name
  const to = chapterPage(book, stage)
  const lesson = `lesson ${stage}, ${name ?? ''}`
  return markup`<section><h2>Closed by ${to === undefined ? lesson : markup`<a href="${to}">${lesson}</a>`}</h2>
${rows.map((row) => entry(book, row))}</section>`
}

function entry(book: Book, row: Row): Markup {
  const { attack, story } = row
  const sources = [`native/attacks/${attack}.c`, `src/workshop/attacks/${attack}.ts`].filter((path) =>
    existsSync(join(book.repository, path)),
  )
  const [told, ...others] = sources
  return markup`<article class="attack"><h3 id="${attack}">${attack}: ${story}</h3>
${told !== undefined && history(book, told)}
${becoming(row)}
${told !== undefined && listing(book, told)}
${others.map((path) => markup`<details><summary>The host’s part of it: <code>${path}</code></summary>${listing(book, path)}</details>`)}</article>
`
}

function becoming({ lesson, verdicts, unseen = {}, refused = {} }: Row): Markup {
  const closed = Object.entries(verdicts).find(([, verdict]) => verdict === 'closed')?.[0] ?? ''
  const [reason] = Object.values(unseen)
  return markup`<p class="time">${reason !== undefined && `Where it says “unseen”: ${reason}. `}${closed !== '' && `Closed from stage ${closed} on${Number(closed) < lesson ? ', by this kernel itself' : ''}. `}${refused[closed] !== undefined && markup`What it was refused there: <code>${refused[closed]}</code>`}</p>`
}

/** What stands at the head of the file. */
function history(book: Book, path: string): Markup {
  const [comment = ''] = HEAD.exec(readSource(book, path)) ?? []
  const words = comment.replace(/^\/\*+|\*\/$/g, '').replace(/\n ?\* ?/g, ' ')
  return markup`<p>${words.trim()}</p>`
}

const MARK = /^\/\/ #(end)?region .*\n?/gm
const HEAD = /^\/\*[\s\S]*?\*\//

/** Of C all that follows; of TypeScript the part that a lesson would quote. */
function listing(book: Book, path: string): Markup {
  const source = readSource(book, path)
  const [, region] = /\/\/ #region \w+\n([\s\S]*?)\n\/\/ #endregion/.exec(source) ?? []
  const language = path.endsWith('.c') ? 'c' : 'typescript'
  const lines = book.highlight(region ?? source.replace(HEAD, '').replace(MARK, '').trim(), language).map(coloured)
  const to = sourceFrom(book, ATTACKS_PAGE, path)
  const name = markup`<code>${path}</code>`
  return markup`<figure class="quote"><figcaption>${to === undefined ? name : markup`<a href="${to}">${name}</a>`}</figcaption>${scroll(
    path,
    lines.map((pieces, n) => [n > 0 && '\n', pieces]),
  )}</figure>`
}
