/** What a weaver has put into a lesson, as HTML: quotations, consoles, plans, differences. */
import { explain } from '../../plan/explain.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Excerpt } from '../weave/regions.ts'
import type { Exchange } from '../weave/console.ts'
import type { Woven } from '../weave/weave.ts'
import { drawings } from './drawing.ts'
import { coloured, type Highlight } from './highlight.ts'
import { matrix } from './matrix.ts'
import { markup, scroll, type Markup, type Value } from './markup.ts'

type Block = Exclude<Woven, { kind: 'prose' }>
type Of<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>

export interface Surroundings {
  lesson: number
  highlight: Highlight
  /** The page of a source file. */
  source: (path: string) => string | undefined
  /** To what is said of an attack. */
  attack?: (name: string) => string
}

// #region block
export function block(woven: Block, around: Surroundings): Markup {
  switch (woven.kind) {
    case 'quote':
      return quotation(woven.excerpt, around)
    case 'console':
      return consoleBlock(woven.exchanges)
    case 'plan':
      return planFigure(markup`The plan of <code>${woven.command}</code>`, woven.plan, around.lesson)
    case 'diff':
      return difference(woven)
    case 'matrix':
      return markup`<figure class="matrix"><figcaption>Which attack is open at which stage</figcaption>${matrix(woven.rows, around)}</figure>`
    case 'not run':
      return notRun(woven, around)
    default:
      return woven satisfies never
  }
}
// #endregion block

function quotation({ path, line, text }: Excerpt, { highlight, source }: Surroundings): Markup {
  const page = source(path)
  const name = markup`<code>${path}</code>, line ${line}`
  const lines = highlight(text, 'typescript').map(coloured)
  return markup`<figure class="quote"><figcaption>${page === undefined ? name : markup`<a href="${page}#L${line}">${name}</a>`}</figcaption>${scroll(`${path}, line ${line}`, joined(lines))}</figure>`
}

function consoleBlock(exchanges: readonly Exchange[]): Markup {
  const parts = exchanges.map(({ command, expected }) => [
    markup`<kbd><span class="prompt" aria-hidden="true">$ </span>${command}</kbd>`,
    ...(expected.length > 0 ? [markup`<samp>${expected.join('\n')}</samp>`] : []),
  ])
  return markup`<figure class="console">${scroll(`Console: ${exchanges[0]?.command ?? ''}`, joined(parts.flat()))}</figure>`
}

/** Drawn, and as a table for whoever cannot see that. @param lesson whose steps are new, when not all are. */
export function planFigure(caption: Value, plan: Plan, lesson: number): Markup {
  const isGrowing = plan.some((step) => step.lesson < lesson) && plan.some((step) => step.lesson === lesson)
  return markup`<figure class="plan"><figcaption>${caption}</figcaption>${drawings(plan, isGrowing ? lesson : undefined)}${isGrowing && LEGEND}<details><summary>The plan as a table</summary>${scroll('The plan as a table', explain(plan))}</details></figure>`
}

const LEGEND = markup`<p class="legend"><span class="new">●</span> new in this lesson <span class="old">○</span> from lessons before</p>`

function difference({ command, text }: Of<'diff'>): Markup {
  const lines = text.split('\n')
  const marked = lines.map((line, n) =>
    changed(line, lines.slice(0, n + 1).findLast((other) => /^[-+]/.test(other))?.[0]),
  )
  return markup`<figure class="diff"><figcaption><code>${command}</code></figcaption>${scroll(`Difference: ${command}`, joined(marked))}</figure>`
}

/** A call that goes on in the next line has its sign above. */
function changed(line: string, sign: string | undefined): Markup {
  const [, head = '', lane = '', rest = ''] = /^(\S? *)(host|box|)(.*)$/.exec(line) ?? []
  const words = markup`<b>${head}</b>${lane !== '' && markup`<span class="${lane}">${lane}</span>`}${rest}`
  return sign === '-' ? markup`<del>${words}</del>` : markup`<ins>${words}</ins>`
}

function notRun({ language, reason, text }: Of<'not run'>, { highlight }: Surroundings): Markup {
  return markup`<figure class="not-run"><figcaption>Not run: ${reason}</figcaption>${scroll(`Not run: ${reason}`, joined(highlight(text, language).map(coloured)))}</figure>`
}

const joined = (lines: readonly Value[]): Value[] => lines.map((line, n) => (n === 0 ? line : ['\n', line]))
