/** A woven page for a terminal of 80 columns. */
import type { Token, Tokens } from 'marked'
import { aboutPassport, sharesOf, visasUpTo, type Passport } from '../passport.ts'
import { colour } from '../say.ts'
import { reader } from '../weave/page.ts'
import { written } from '../attacks/matrix.ts'
import type { Woven, WovenPage } from '../weave/weave.ts'

const WIDTH = 80

// #region terminal
export const forTerminal = ({ blocks }: WovenPage): string =>
  blocks
    .map(text)
    .filter((part) => part)
    .join('\n\n')

/** What stands at the end of a lesson. */
export function passportForTerminal(passport: Passport, lesson: number): string {
  const rows = visasUpTo(passport, lesson).map((visa) => {
    const [programs, assertions] = sharesOf(passport, visa)
    return `${`${visa.lesson ?? lesson} · ${visa.name}`.padEnd(22)} ${programs.padEnd(9)} programs   ${assertions} assertions`
  })
  return [colour('bold', 'THE PASSPORT'), wrap(aboutPassport(passport, lesson)), indent(rows.join('\n'))].join('\n\n')
}

function text(block: Woven): string {
  switch (block.kind) {
    case 'prose':
      return prose(block.token)
    case 'quote':
      return boxed(`${block.excerpt.path}, line ${block.excerpt.line}`, block.excerpt.text)
    case 'console':
      return indent(
        block.exchanges
          .map(({ command, expected }) => [colour('bold', `$ ${command}`), ...expected].join('\n'))
          .join('\n'),
      )
    case 'plan':
    case 'diff':
      return boxed(block.command, block.text)
    case 'matrix':
      return indent(written(block.rows))
    case 'not run':
      return indent(block.text)
    default:
      return block satisfies never
  }
}
// #endregion terminal

const indent = (body: string): string => body.replace(/^(?=.)/gm, '  ')

const boxed = (title: string, body: string): string =>
  `  ${colour('dim', `── ${title}`)}\n${body.replace(/^/gm, `  ${colour('dim', '│')} `)}`

function prose(token: Token): string {
  switch (token.type) {
    case 'heading':
      return colour('bold', inline((token as Tokens.Heading).tokens).toUpperCase())
    case 'list':
      return list(token as Tokens.List)
    case 'table':
      return table(token as Tokens.Table)
    case 'html':
      return html((token as Tokens.HTML).text)
    case 'hr':
      return '─'.repeat(WIDTH)
    case 'blockquote':
      return wrap(inline((token as Tokens.Blockquote).tokens), '  ')
    default:
      return wrap(inline('tokens' in token ? (token.tokens ?? []) : []))
  }
}

function list({ items, ordered, start }: Tokens.List): string {
  return items
    .map(({ tokens }, n) => {
      const mark = ordered ? `${Number(start) + n}. ` : '· '
      return wrap(`${mark}${tokens.map(item).join('\n')}`, ' '.repeat(mark.length)).trimStart()
    })
    .join('\n')
}

const item = (token: Token): string => (token.type === 'html' ? html(token.raw) : inline([token]))

function table({ header, rows }: Tokens.Table): string {
  return [header, ...rows]
    .map((cells) => cells.map((cell) => inline(cell.tokens)).join(' │ '))
    .map((row) => wrap(row, '    ').trimStart())
    .join('\n')
}

/** Answers are folded away in a browser; here they stand below their question. */
function html(source: string): string {
  const summary = /<summary>(.*?)<\/summary>/s.exec(source)?.[1]
  const rest = source.replace(/<!--.*?-->|<summary>.*?<\/summary>|<[^>]+>/gs, '').trim()
  const said = rest
    ? inline(reader.lexer(rest).flatMap((token) => ('tokens' in token ? (token.tokens ?? []) : [])))
    : ''
  return [
    ...(summary === undefined ? [] : [colour('dim', `  ▸ ${summary}`)]),
    ...(said ? [wrap(said, '    ', '    ')] : []),
  ].join('\n')
}

function inline(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      if (token.type === 'codespan') return colour('cyan', unescape((token as Tokens.Codespan).text))
      if (token.type === 'br') return '\n'
      if (token.type === 'html') return ''
      const inner = 'tokens' in token ? inline(token.tokens) : 'text' in token ? unescape(String(token.text)) : ''
      return token.type === 'strong' ? colour('bold', inner) : token.type === 'em' ? colour('italic', inner) : inner
    })
    .join('')
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

const unescape = (text: string): string =>
  text.replace(/&(\w+|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole)

function wrap(body: string, hanging = '', first = ''): string {
  const lines = ['']
  for (const word of body.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1) ?? ''
    const start = lines.length === 1 ? first : hanging
    if (visible(`${start}${last} ${word}`) > WIDTH && last) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines.map((line, n) => `${n === 0 ? first : hanging}${line}`).join('\n')
}

// eslint-disable-next-line no-control-regex -- that is what a colour is made of
const visible = (line: string): number => line.replace(/\u001b\[\d+m/g, '').length
