/** Source in its colours: lines of pieces, each with what it is. Which colour that has is the style sheet's business. */
import { markup, type Markup } from './markup.ts'

export interface Piece {
  text: string
  /** `keyword`, `string-expression`, `comment` …; of ordinary text, `foreground`. */
  kind: string
}

export type Highlight = (code: string, language: string) => Piece[][]

// #region highlight
/** Loads the grammars. A language that has none here stays as it is. */
export async function highlighter(): Promise<Highlight> {
  const { createHighlighterCore, createCssVariablesTheme } = await import('shiki/core')
  const { createJavaScriptRegexEngine } = await import('shiki/engine/javascript')
  const shiki = await createHighlighterCore({
    themes: [createCssVariablesTheme({ name: 'kinds', variablePrefix: '--', fontStyle: false })],
    langs: [import('shiki/langs/typescript.mjs'), import('shiki/langs/shellscript.mjs'), import('shiki/langs/c.mjs')],
    engine: createJavaScriptRegexEngine(),
  })
  const known = new Set(shiki.getLoadedLanguages())
  return (code, language) => {
    const lines = shiki.codeToTokensBase(code, { lang: known.has(language) ? language : 'text', theme: 'kinds' })
    return lines.map((tokens) => merged(tokens.map(({ content, color }) => ({ text: content, kind: kindOf(color) }))))
  }
}
// #endregion highlight

/** `var(--token-keyword)`. */
const kindOf = (color = ''): string => /^var\(--(?:token-)?(.+)\)$/.exec(color)?.[1] ?? 'foreground'

/** Neighbours of one kind are one piece; blanks are of any kind. */
function merged(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (last && (last.kind === piece.kind || piece.text.trim() === '')) last.text += piece.text
    else all.push({ ...piece })
  }
  return all
}

export const coloured = (pieces: readonly Piece[]): Markup[] =>
  pieces.map(({ text, kind }) =>
    kind === 'foreground' ? markup`${text}` : markup`<span class="t-${kind}">${text}</span>`,
  )
