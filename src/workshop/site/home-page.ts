/** The first page: the idea, how to start, the lessons, and how much of them fits into a day. */
import type { Token } from 'marked'
import type { Plan } from '../../plan/plan.ts'
import type { Slot } from '../desk/schedule.ts'
import { readPage } from '../weave/page.ts'
import { planFigure } from './blocks.ts'
import { ATTACKS_PAGE, leadsTo, lessonPage, type Book, type Chapter } from './book.ts'
import { markup, type Markup } from './markup.ts'
import { prose } from './prose.ts'
import { page } from './shell.ts'

// #region home
export const homePage = (book: Book): string =>
  page({
    path: 'index.html',
    title: 'Boxwright – build a container runtime from scratch',
    description: 'A workshop in which you build a container runtime from scratch, in TypeScript',
    kind: 'home',
    main: markup`<section class="hero">
<div class="words"><p class="eyebrow">A workshop</p>
<h1>A container is not a thing.</h1>
<p class="lead">It is a process, and the list of system calls that were made before it started. Here you write that list, in TypeScript, and run it.</p>
<p class="begin"><a class="button" href="${first(book)}">Begin with lesson 1</a> <a href="#start">How to start</a></p></div>
${planFigure('A container, as it stands after lesson 2', planOf(book, 2), 1)}
</section>
<section><h2 id="lessons">The lessons</h2>
<ol class="lessons">${book.chapters.map((chapter) => lessonRow(book, chapter))}</ol>
<p class="legend"><span class="host">▮</span> made by the host <span class="box">▮</span> made in the box. One mark is one system call.</p></section>
<section><h2 id="attacks">The attacks</h2>
<p>${book.attacks.rows.length} ways out of a box, tried against the box of every lesson that builds a wall: <a href="${ATTACKS_PAGE}">which of them is open where</a>, each with its story and its source.</p></section>
<section><h2 id="start">How to start</h2>
${start(book)}</section>
<section><h2 id="schedules">What fits into a day</h2>
<div class="schedules">${book.schedules.map(schedule)}</div></section>`,
  })
// #endregion home

const first = ({ chapters }: Book): string => (chapters[0] ? lessonPage(chapters[0].lesson) : '#lessons')

const planOf = ({ workshop }: Book, lesson: number): Plan => workshop.plan(['stage', String(lesson), 'run', 'sh'])

function lessonRow(book: Book, { lesson }: Chapter): Markup {
  const plan = planOf(book, lesson.number)
  const idea = book.stages.find((stage) => stage.lesson === lesson.number)?.idea
  const { teaching, exercises } = lesson.minutes
  return markup`<li><span class="ordinal" aria-hidden="true">${lesson.number}</span><div><h3><a href="${lessonPage(lesson)}">${lesson.title}</a></h3>
<p>${idea}</p><p class="growth">${ticks(plan)} <span>${plan.length} system calls</span></p></div>
<p class="minutes"><span><strong>${teaching}</strong> min to read</span> <span><strong>${exercises}</strong> min exercise</span></p></li>`
}

/** The plan, so far away that only its length and its lanes can be seen. */
const ticks = (plan: Plan): Markup =>
  markup`<svg class="ticks" aria-hidden="true" width="${plan.length * 7}" height="14" viewBox="0 0 ${plan.length * 7} 14">${plan.map(({ lane }, n) => markup`<rect class="${lane}" x="${n * 7}" y="0" width="4" height="14" rx="1"/>`)}</svg>`

/** The README's own words, so that there is one place to keep them true. */
function start(book: Book): Markup[] {
  const { blocks } = readPage(book.repository, 'README.md')
  const from = blocks.findIndex((block) => block.kind === 'prose' && isHeading(block.token, 'Start'))
  const rest = blocks.slice(from + 1)
  const to = rest.findIndex((block) => block.kind === 'prose' && isHeading(block.token))
  const { render } = prose({ href: (href) => leadsTo(book, 'README.md', 'index.html', href) })
  return rest.slice(0, to).map((block) => {
    if (block.kind === 'prose') return render(block.token)
    return markup`<pre class="shell" tabindex="0" role="group" aria-label="Commands">${block.kind === 'fence' && commands(block.text)}</pre>`
  })
}

const isHeading = (token: Token, text?: string): boolean =>
  token.type === 'heading' && (text === undefined || ('text' in token && token.text === text))

const commands = (text: string): Markup[] =>
  text.split('\n').map((line) => {
    const [, command = '', comment = ''] = /^(.*?)(\s+#.*)?$/.exec(line) ?? []
    return markup`<kbd>${command}</kbd><span class="t-comment">${comment}</span>\n`
  })

const schedule = ({ name, slots }: Book['schedules'][number]): Markup =>
  markup`<div class="schedule"><h3>${name.charAt(0).toUpperCase() + name.slice(1)}</h3><ol>${slots.map(slotRow)}</ol></div>`

const slotRow = ({ at, minutes, lesson, what }: Slot): Markup =>
  markup`<li${lesson ? '' : markup` class="break"`}><span class="clock">${clock(at)}</span> <span>${lesson ? markup`${lesson.number} · ${lesson.title}<small>${what}, ${minutes} min</small>` : markup`break<small>${minutes} min</small>`}</span></li>`

const clock = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
