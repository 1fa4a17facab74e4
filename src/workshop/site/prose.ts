/** Markdown as HTML: headings that can be pointed at, tables that scroll, answers that unfold, links that lead to pages of this site. */
import { Marked, type Token, type Tokens } from 'marked'
import { reader } from '../weave/page.ts'
import { escape, markup, Markup, scroll, slug } from './markup.ts'
import { replaceTokens } from './tokens.ts'

export interface Pointers {
  /** Where a link leads on this site; undefined when it has no such page. */
  href: (written: string) => string | undefined
  /** Links terms. */
  terms?: (tokens: readonly Token[]) => Token[]
}

export interface Prose {
  /** Once for each token, in the order of the page. */
  render: (token: Token) => Markup
  headings: Heading[]
}

export interface Heading {
  id: string
  depth: number
  html: Markup
  text: string
}

// #region prose
export function prose({ href, terms = (tokens) => [...tokens] }: Pointers): Prose {
  const headings: Heading[] = []
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text }) {
        const html = new Markup(this.parser.parseInline(tokens))
        const heading = { id: unused(slug(text), headings), depth, html, text: plainText(tokens) }
        headings.push(heading)
        return `<h${depth} id="${heading.id}">${html.text}</h${depth}>\n`
      },
      code: ({ text }) => `${scroll('Text', markup`<code>${text}\n</code>`).text}\n`,
      link({ href: written, tokens }) {
        const words = this.parser.parseInline(tokens)
        const to = href(written)
        // A file that has no page here is still named.
        if (to === undefined) return words
        const kind = to.includes('glossary.html#') ? ' class="term"' : ''
        return `<a${kind} href="${escape(to)}">${words}</a>`
      },
      table({ header, rows }) {
        const row = (cells: readonly Tokens.TableCell[], tag: string): string =>
          `<tr>${cells.map((cell) => `<${tag}${side(cell, tag)}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`
        const name = header.map((cell) => plainText(cell.tokens)).join(', ')
        return `<div class="table" tabindex="0" role="group" aria-label="Table: ${escape(name)}"><table><thead>${row(header, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('\n')}</tbody></table></div>\n`
      },
    },
  })
  return { headings, render: (token) => new Markup(marked.parser(terms(unfolded([token])))) }
}
// #endregion prose

function unused(id: string, headings: readonly Heading[]): string {
  const taken = headings.filter((heading) => heading.id === id || heading.id.startsWith(`${id}-`)).length
  return taken === 0 ? id : `${id}-${taken + 1}`
}

/** Columns of what is seen in the box and from the host have the colours of the two. */
function side({ tokens }: Tokens.TableCell, tag: string): string {
  const lane = tag === 'th' ? /\b(host|box)\b/.exec(plainText(tokens))?.[1] : undefined
  return tag === 'th' ? ` scope="col"${lane ? ` class="${lane}"` : ''}` : ''
}

const FOLDED = /^\s*<details>\s*<summary>(.*?)<\/summary>(.*)<\/details>\s*$/s

/** An answer is Markdown even where it is written without blank lines, which marked takes for HTML. Comments are the author's own. */
const unfolded = (tokens: readonly Token[]): Token[] =>
  replaceTokens(tokens, (token) => {
    if (token.type !== 'html') return undefined
    const [, question, answer] = FOLDED.exec(token.raw) ?? []
    if (question === undefined || answer === undefined) return [htmlToken(token.raw.replace(/<!--.*?-->/gs, ''))]
    return [htmlToken(`<details><summary>${question}</summary>\n`), ...reader.lexer(answer), htmlToken('</details>\n')]
  })

const htmlToken = (raw: string): Tokens.HTML => ({ type: 'html', raw, text: raw, pre: false, block: true })

/** The words alone. */
export function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'html') return ' '
      if (token.type === 'list') return plainText((token as Tokens.List).items)
      if (token.type === 'table') return tableText(token as Tokens.Table)
      const { tokens: within, text = ' ' } = token as { tokens?: Token[]; text?: string }
      return within ? plainText(within) : text
    })
    .join('')
}

const tableText = ({ header, rows }: Tokens.Table): string =>
  [header, ...rows].map((row) => row.map((cell) => plainText(cell.tokens)).join(' ')).join(' ')
