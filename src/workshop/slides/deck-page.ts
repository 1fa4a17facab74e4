/** A deck as a page for reveal.js, and the same deck as a page to read from top to bottom. */
import { coloured, type Highlight } from '../site/highlight.ts'
import { Markup, markup, type Value } from '../site/markup.ts'
import { reader, type Lines } from '../weave/page.ts'
import type { Woven } from '../weave/weave.ts'
import { codeOf, isHeading, type Deck, type Slide } from './deck.ts'

// #region page
export const deckPage = (deck: Deck, highlight: Highlight): Markup =>
  page(
    deck.title,
    markup`<main><div class="reveal"><div class="slides">${deck.slides.map((slide, n) => section(slide, n, highlight))}</div></div></main>
<script src="reveal.js"></script>
<script src="notes.js"></script>
<script src="deck.js"></script>`,
  )

function section(slide: Slide, n: number, highlight: Highlight): Markup {
  const notes = reader.parse(slide.notes, { async: false })
  return markup`
<section id="s${n + 1}" data-timing="${slide.minutes * 60}">${slide.blocks.map((block) => shown(block, highlight))}
<aside class="notes"><p>${minutes(slide.minutes)}</p>${new Markup(notes)}</aside></section>`
}

/** For whoever was not there, listens to it, or prints it. */
export const transcript = (deck: Deck, highlight: Highlight): Markup =>
  page(
    deck.title,
    markup`<main class="transcript">
<p><a href="${deck.name}.html">As slides</a> · ${minutes(deck.minutes)}</p>
${deck.slides.map((slide, n) => article(slide, n, highlight))}</main>`,
  )

function article(slide: Slide, n: number, highlight: Highlight): Markup {
  const notes = reader.parse(slide.notes, { async: false })
  const { blocks } = slide
  const body = blocks.some(isHeading) ? blocks : [markup`<h2>Slide ${n + 1}</h2>`, ...blocks]
  const parts = body.map((part) => (part instanceof Markup ? part : shown(part, highlight)))
  return markup`<article>${parts}<div class="said"><p><b>${minutes(slide.minutes)}</b></p>${new Markup(notes)}</div></article>\n`
}
// #endregion page

const minutes = (count: number): string => `${count} minute${count === 1 ? '' : 's'}`

function page(title: string, body: Markup): Markup {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="reveal.css">
<link rel="stylesheet" href="deck.css">
</head>
<body>
${body}
</body>
</html>
`
}

// #region shown
function shown(block: Woven, highlight: Highlight): Markup {
  if (block.kind === 'prose') return new Markup(reader.parser([block.token]))
  if (block.kind === 'quote') return quotation(block, highlight)
  const lines =
    block.kind === 'console' ? consoleLines(block) : codeOf(block).map((line) => markup`${coloursOf(block)(line)}`)
  const command = block.kind === 'plan' || block.kind === 'diff' ? [markup`<kbd>$ ${block.command}</kbd>`] : []
  return pre(block.kind, [...command, ...lines], [])
}

/** With its lines to be shown one step after the other, as fragments that have nothing to show themselves. */
function quotation({ excerpt, steps }: Extract<Woven, { kind: 'quote' }>, highlight: Highlight): Markup {
  const lines = highlight(excerpt.text, 'typescript').map(coloured)
  return markup`<p class="source"><code>${excerpt.path}</code>, line ${excerpt.line}</p>${pre('quote', lines, steps)}`
}
// #endregion shown

const consoleLines = ({ exchanges }: Extract<Woven, { kind: 'console' }>): Value[] =>
  exchanges.flatMap(({ command, expected }) => [markup`<kbd>$ ${command}</kbd>`, ...expected])

const coloursOf = ({ kind }: Woven): ((line: string) => Value) => (kind === 'matrix' ? verdicts : lane)

const verdicts = (line: string): Value =>
  line.split(/\b(open|closed|unseen)\b/).map((part, n) => (n % 2 === 1 ? markup`<b class="${part}">${part}</b>` : part))

/** Which side of the plan a line is on, as a colour and as a word. */
function lane(line: string): Value {
  const [, before = '', word = '', rest = ''] = /^(.{4})(host|box )(.*)$/.exec(line) ?? []
  return word ? [before, markup`<b class="${word.trim()}">${word}</b>`, rest] : line
}

function pre(kind: string, lines: readonly Value[], steps: readonly Lines[]): Markup {
  const numbered = lines.map((line) => markup`<span class="line">${line}</span>\n`)
  const fragments = steps.map(
    ([first, last]) => markup`<span class="fragment step" data-first="${first}" data-last="${last}"></span>`,
  )
  return markup`<pre class="${kind}" tabindex="0" role="group" aria-label="${NAMES[kind] ?? ''}"><code>${numbered}</code></pre>${fragments}`
}

const NAMES: Record<string, string> = {
  quote: 'Source',
  console: 'Console',
  plan: 'Plan',
  diff: 'Difference',
  matrix: 'Attacks and stages',
}
