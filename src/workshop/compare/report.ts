/** A comparison for a terminal of 80 columns, and the same for programs. */
import { colour } from '../say.ts'
import type { Compared } from './compare.ts'
import type { Made, Making } from './making.ts'

export interface Comparison {
  /** `runc 1.1.5`. */
  peer: string
  stage: { lesson: number; name: string }
  theirs: Making
  ours: Making
  rows: Row[]
}

type Row = Compared & { why?: string }

const WIDTH = 80
const INDENT = 8

// #region report
export function reportComparison({ peer, stage, theirs, ours, rows }: Comparison): string {
  const said: string[] = []
  const shown = rows.flatMap((row, n) => [...lines(row), ...reason(row, rows[n + 1], said)])
  return [
    ...wrap(`${peer}, and stage ${stage.lesson} (${stage.name}): one bundle, and the calls that make the box`, 0),
    `  - ${peer} alone   + Boxwright alone   ~ both, elsewhere or in another way`,
    '',
    ...shown,
    '',
    ...table([
      ['', peer, 'Boxwright'],
      ['calls until the command', ...[theirs, ours].map(({ calls }) => String(calls))],
      [
        'that make the box',
        ...[theirs, ours].map(({ made }) => String(made.reduce((sum, { times }) => sum + times, 0))),
      ],
      ['processes (threads)', ...[theirs, ours].map(({ processes, threads }) => `${processes} (${threads})`)],
    ]),
    '',
    summary(rows),
  ].join('\n')
}
// #endregion report

/** Theirs, and ours below it where it differs. */
function lines({ sign, theirs, ours }: Compared): string[] {
  const shown = [theirs, ours].filter((made) => made !== undefined)
  const [first, second] = shown.map((made) => `${made.lane.padEnd(4)}  ${made.text}${times(made)}`)
  const twice = sign === '~' && second !== first
  const all = [`${sign} ${first ?? ''}`, ...(twice ? [`  ${second ?? ''}`] : [])]
  return all
    .flatMap((line) => wrap(line, INDENT + 2))
    .map((line) => (sign === ' ' ? line : colour(COLOURS[sign], line)))
}

const COLOURS = { '-': 'red', '+': 'green', '~': 'yellow' } as const

const times = ({ times }: Made): string => (times > 1 ? `  × ${times}` : '')

/** Once for neighbours that have it in common; in full the first time, and by its number from there on. */
function reason({ sign, why }: Row, next: Row | undefined, said: string[]): string[] {
  if (sign === ' ' || (next?.sign === sign && next.why === why)) return []
  if (why === undefined) return [colour('red', `${' '.repeat(INDENT)}– no reason known`)]
  const known = said.indexOf(why) + 1
  const number = `(${known || said.push(why)})`
  const text = `${' '.repeat(INDENT)}– ${number}${known ? '' : ` ${why}`}`
  return wrap(text, INDENT + 2).map((line) => colour('dim', line))
}

/** Breaks after a space, a bar or a comma; the rest is indented. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > WIDTH) {
    const head = rest.slice(0, WIDTH + 1)
    const at = Math.max(head.lastIndexOf(' '), ...['|', ','].map((mark) => head.lastIndexOf(mark, WIDTH - 1) + 1))
    const cut = at > WIDTH / 2 ? at : WIDTH
    lines.push(rest.slice(0, cut).trimEnd())
    rest = `${' '.repeat(indent)}${rest.slice(cut).trimStart()}`
  }
  return [...lines, rest]
}

const table = (rows: readonly string[][]): string[] =>
  rows.map(([what = '', ...cells]) => `  ${what.padEnd(26)}${cells.map((cell) => cell.padStart(14)).join('')}`)

function summary(rows: readonly Row[]): string {
  const count = (sign: Compared['sign']): number => rows.filter((row) => row.sign === sign).length
  const unknown = rows.filter(({ sign, why }) => sign !== ' ' && why === undefined).length
  const known = unknown === 0 ? 'every difference has its reason' : `${unknown} of them without a known reason`
  return wrap(
    `${count(' ')} calls are the same; ${count('-')} are theirs alone, ${count('+')} ours, ${count('~')} are made otherwise: ${known}`,
    0,
  ).join('\n')
}

/** One object a row. */
export const comparisonJson = ({ peer, stage, theirs, ours, rows }: Comparison): string =>
  JSON.stringify({ peer, stage, theirs: numbers(theirs), ours: numbers(ours), rows }, null, 2)

const numbers = ({ calls, made, processes, threads }: Making): object => ({
  calls,
  made: made.reduce((sum, { times }) => sum + times, 0),
  processes,
  threads,
})
