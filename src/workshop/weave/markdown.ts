/** A woven page as plain Markdown again, with everything in its place: to be read anywhere, or rendered by others. */
import { written } from '../attacks/matrix.ts'
import type { Woven, WovenPage } from './weave.ts'

export const markdown = ({ blocks }: WovenPage): string => `${blocks.map(text).join('\n\n')}\n`

function text(block: Woven): string {
  switch (block.kind) {
    case 'prose':
      return block.token.raw.trimEnd()
    case 'quote':
      return fence('ts', `// ${block.excerpt.path}:${block.excerpt.line}\n${block.excerpt.text}`)
    case 'console':
      return fence(
        'console',
        block.exchanges.map(({ command, expected }) => [`$ ${command}`, ...expected].join('\n')).join('\n'),
      )
    case 'plan':
    case 'diff':
      return fence('text', `$ ${block.command}\n${block.text}`)
    case 'matrix':
      return fence('text', written(block.rows))
    case 'not run':
      return fence(block.language, block.text)
    default:
      return block satisfies never
  }
}

const fence = (language: string, body: string): string => `\`\`\`${language}\n${body}\n\`\`\``
