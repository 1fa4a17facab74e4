/** Marked's tree of tokens, changed in places. */
import type { Token, Tokens } from 'marked'

/** What a token gives way to; undefined leaves it, and goes on below it. */
type Replace = (token: Token) => Token[] | undefined

export function replaceTokens(tokens: readonly Token[], replace: Replace): Token[] {
  return tokens.flatMap((token) => replace(token) ?? [below(token, replace)])
}

/** Tables and lists keep what they consist of under names of their own. */
function below(token: Token, replace: Replace): Token {
  if (token.type === 'list') {
    const { items, ...list } = token as Tokens.List
    return { ...list, items: items.map((item) => below(item, replace) as Tokens.ListItem) }
  }
  if (token.type === 'table') {
    const { header, rows, ...table } = token as Tokens.Table
    return { ...table, header: cells(header, replace), rows: rows.map((row) => cells(row, replace)) }
  }
  const { tokens } = token as { tokens?: Token[] }
  return tokens ? { ...token, tokens: replaceTokens(tokens, replace) } : token
}

const cells = (row: readonly Tokens.TableCell[], replace: Replace): Tokens.TableCell[] =>
  row.map((cell) => ({ ...cell, tokens: replaceTokens(cell.tokens, replace) }))

export const plain = (text: string): Tokens.Text => ({ type: 'text', raw: text, text, escaped: false })

export const linkTo = (href: string, text: string, inside: Token): Tokens.Link => ({
  type: 'link',
  raw: text,
  href,
  title: null,
  text,
  tokens: [inside],
})
