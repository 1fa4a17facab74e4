/** The help, from the tables that the options are read by, in 80 columns. */
import type { Options } from './option.ts'

const WIDTH = 80

export interface Topic {
  usage: string
  about: string
  options: Options
  /** By name, what is said of it. */
  commands?: readonly (readonly [name: string, about: string])[]
}

export const help = ({ usage, about, options, commands = [] }: Topic): string =>
  [
    `Usage: ${wrapped(usage, 7)}`,
    wrapped(about, 0),
    ...section('Commands', commands),
    ...section('Options', Object.entries(options).map(row)),
  ].join('\n\n')

const row = ([name, { short, value, list, about }]: [string, Options[string]]): readonly [string, string] => [
  `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
  list ? `${about}; may be given more than once` : about,
]

/** Names that are too long for their column have a line of their own. */
function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return []
  const column = Math.min(26, Math.max(...rows.map(([left]) => left.length)) + 4)
  const lines = rows.map(([left, right]) => {
    const text = wrapped(right, column)
    return left.length > column - 4 ? `  ${left}\n${' '.repeat(column)}${text}` : `  ${left.padEnd(column - 2)}${text}`
  })
  return [[`${title}:`, ...lines].join('\n')]
}

/** Words on lines, all but the first indented. Line ends that are there stay. */
const wrapped = (text: string, indent: number): string =>
  text
    .split('\n')
    .flatMap((line) => fold(line, WIDTH - indent))
    .join(`\n${' '.repeat(indent)}`)

function fold(line: string, width: number): string[] {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last === '' || `${last} ${word}`.length <= width)
      lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
