/**
 * What was quoted when the words around it were written. A quotation is always the source as it is now, so it cannot lie; the prose
 * beside it can. When a quoted line or a drawn plan has changed, the check says so until someone has read the page again.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { symbolic } from '../../plan/symbols.ts'
import type { Problem, Woven, WovenPage } from './weave.ts'

const FILE = 'lessons/agreed.json'

/** A digest for each quotation, plan and difference, by page and by what names it there. */
type Agreed = Record<string, Record<string, string>>

// #region agreed
export function changedSince(repository: string, pages: readonly WovenPage[]): Problem[] {
  const path = join(repository, FILE)
  const agreed = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Agreed) : {}
  return pages.flatMap(({ page, blocks }) =>
    blocks.flatMap((block) => {
      const [name, content] = contentOf(block)
      if (name === undefined || agreed[page.path]?.[name] === digest(content)) return []
      return [
        {
          path: page.path,
          line: block.line,
          message: `${name} is not what it was: read the words around it, then run "npm run weave"`,
        },
      ]
    }),
  )
}

export function agree(repository: string, pages: readonly WovenPage[]): void {
  const entries = pages.map(({ page, blocks }) => [page.path, Object.fromEntries(blocks.flatMap(agreement))] as const)
  writeFileSync(join(repository, FILE), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`)
}
// #endregion agreed

function agreement(block: Woven): [string, string][] {
  const [name, content] = contentOf(block)
  return name === undefined ? [] : [[name, digest(content)]]
}

function contentOf(block: Woven): [name: string | undefined, content: string] {
  if (block.kind === 'quote') return [`<<< ${block.reference}`, block.excerpt.text]
  if (block.kind === 'plan')
    return [block.command, block.plan.map((step) => `${step.lane} ${symbolic(step)}`).join('\n')]
  if (block.kind === 'diff') return [block.command, block.text]
  return [undefined, '']
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
