/** A deck: a woven page, cut at its rules into slides, each with what the speaker says and for how long. */
import type { Tokens } from 'marked'
import { written } from '../attacks/matrix.ts'
import type { Problem, Woven, WovenPage } from '../weave/weave.ts'

export interface Deck {
  /** `03-mounts`. */
  name: string
  title: string
  /** What the front matter promises. */
  minutes: number
  slides: Slide[]
}

export interface Slide {
  line: number
  blocks: Woven[]
  /** Markdown. */
  notes: string
  minutes: number
}

/** What fits at a projector's size. */
const MOST_LINES = 16
const MOST_COLUMNS = 80

// #region deck
export function deckOf({ page, blocks }: WovenPage): Deck {
  const field = (name: string): string => new RegExp(`^${name}: *(.*)$`, 'm').exec(page.front)?.[1] ?? ''
  return {
    name: page.path.replace(/^slides\/|\.md$/g, ''),
    title: field('title').replace(/^"(.*)"$/, '$1'),
    minutes: Number(field('minutes')),
    slides: cut(blocks).map(slide),
  }
}

function cut(blocks: readonly Woven[]): Woven[][] {
  const slides: Woven[][] = [[]]
  for (const block of blocks) {
    if (block.kind === 'prose' && block.token.type === 'hr') slides.push([])
    else slides.at(-1)?.push(block)
  }
  return slides
}

/** `Note: 2 min. What the speaker says.` */
function slide(blocks: readonly Woven[]): Slide {
  const notes = blocks.flatMap((block) => (block.kind === 'prose' ? [block.token.raw] : [])).find(isNote) ?? ''
  const [, minutes = '0', said = ''] = NOTE.exec(notes.trim()) ?? []
  return {
    line: blocks[0]?.line ?? 1,
    blocks: blocks.filter((block) => block.kind !== 'prose' || !isNote(block.token.raw)),
    notes: said,
    minutes: Number(minutes),
  }
}
// #endregion deck

const NOTE = /^Note: (\d+) min\.\s*([\s\S]*)$/

const isNote = (raw: string): boolean => raw.startsWith('Note:')

/** Code as it is shown: lines. A plan is shown without its reasons, which are the speaker's. */
export function codeOf(block: Woven): string[] {
  switch (block.kind) {
    case 'quote':
      return block.excerpt.text.split('\n')
    case 'console':
      return block.exchanges.flatMap(({ command, expected }) => [...`$ ${command}`.split('\n'), ...expected])
    case 'plan':
      return block.text.split('\n').filter((line) => !/^ {10}– /.test(line))
    case 'matrix':
      return written(block.rows).split('\n')
    case 'diff':
    case 'not run':
      return block.text.split('\n')
    default:
      return []
  }
}

// #region fits
/** Slides whose code does not fit, decks whose minutes are not those of their slides, slides without a word for the speaker. */
export function deckProblems(woven: WovenPage): Problem[] {
  const { minutes, slides } = deckOf(woven)
  const { path } = woven.page
  const sum = slides.reduce((total, slide) => total + slide.minutes, 0)
  return [
    ...slides.flatMap(({ blocks }) => blocks.flatMap((block) => tooLarge(block, path))),
    ...slides
      .filter(({ notes }) => !notes)
      .map(({ line }) => ({ path, line, message: 'this slide has no "Note: N min. …"' })),
    ...(sum === minutes
      ? []
      : [{ path, line: 1, message: `its slides take ${sum} minutes, and it promises ${minutes}` }]),
  ]
}

function tooLarge(block: Woven, path: string): Problem[] {
  const lines = codeOf(block)
  const widest = Math.max(0, ...lines.map((line) => line.length))
  const problem = (message: string): Problem => ({
    path,
    line: block.line,
    message: `does not fit a slide: ${message}`,
  })
  return [
    ...(lines.length > MOST_LINES ? [problem(`${lines.length} lines, and ${MOST_LINES} can be read`)] : []),
    ...(widest > MOST_COLUMNS ? [problem(`${widest} columns, and ${MOST_COLUMNS} can be read`)] : []),
    ...stepsOutside(block, lines.length).map(problem),
  ]
}

const stepsOutside = (block: Woven, lines: number): string[] =>
  block.kind === 'quote' && block.steps.some(([, last]) => last > lines)
    ? [`it is shown in steps up to a line that its ${lines} lines do not have`]
    : []
// #endregion fits

export const isHeading = (block: Woven): block is Extract<Woven, { kind: 'prose' }> & { token: Tokens.Heading } =>
  block.kind === 'prose' && block.token.type === 'heading'
