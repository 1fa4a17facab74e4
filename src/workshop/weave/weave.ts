/**
 * Weaving: what a page quotes, draws or compares is put into it from the source and from the plans themselves, so that it cannot say
 * anything else. Pure but for reading files: what a console shows is replayed elsewhere.
 */
import { explain } from '../../plan/explain.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Row } from '../attacks/matrix.ts'
import { readRecording } from '../attacks/recording.ts'
import { readConsole, type Exchange } from './console.ts'
import { hiddenFences, type Block, type Page } from './page.ts'
import { excerpt, type Excerpt } from './regions.ts'

export type Woven =
  | Extract<Block, { kind: 'prose' }>
  | (Extract<Block, { kind: 'quote' }> & { excerpt: Excerpt })
  | { kind: 'console'; line: number; exchanges: Exchange[] }
  | { kind: 'plan'; line: number; command: string; plan: Plan; text: string }
  | { kind: 'diff'; line: number; command: string; text: string }
  | { kind: 'matrix'; line: number; rows: Row[] }
  | { kind: 'not run'; line: number; language: string; reason: string; text: string }

export interface WovenPage {
  page: Page
  blocks: Woven[]
  problems: Problem[]
}

/** What is wrong, and where an editor should stand to mend it. */
export interface Problem {
  path: string
  line: number
  message: string
}

/** What the command knows and a weaver does not: the stages. Both take the words of a command line, and throw when it is wrong. */
export interface Workshop {
  plan(words: readonly string[]): Plan
  diff(words: readonly string[]): string
}

// #region weave
export function weave(repository: string, page: Page, workshop: Workshop): WovenPage {
  const problems: Problem[] = []
  const blocks = page.blocks.flatMap((block) => {
    try {
      return [weaveBlock(repository, block, workshop)]
    } catch (error) {
      const { message } = error as Error
      problems.push({ path: page.path, line: block.line, message: message.split('\n')[0] ?? '' })
      return []
    }
  })
  return { page, blocks, problems }
}

function weaveBlock(repository: string, block: Block, workshop: Workshop): Woven {
  if (block.kind === 'prose') return refuseHidden(block)
  if (block.kind === 'quote') return { ...block, excerpt: excerpt(repository, block.reference) }
  const { line, language, text } = block
  const command = text.trim()
  const reason = /^# not run: (.+)\n/.exec(text)
  if (reason) return { kind: 'not run', line, language, reason: reason[1] ?? '', text: text.slice(reason[0].length) }
  if (language === 'console') return { kind: 'console', line, exchanges: readConsole(text, line + 1) }
  if (language === 'plan') return { kind: 'plan', line, command, ...drawn(workshop.plan(words(command))) }
  if (language === 'plan new') return { kind: 'plan', line, command, ...drawn(newest(workshop.plan(words(command)))) }
  if (language === 'matrix') return { kind: 'matrix', line, rows: recordedRows(repository, words(command).map(Number)) }
  if (language === 'diff') return { kind: 'diff', line, command, text: workshop.diff(words(command)) }
  throw new Error(
    `This fence ("${language}") is neither woven, nor replayed, nor labelled: begin it with "# not run: why"`,
  )
}
// #endregion weave

/** What was found when all attacks were made. @param lessons by which they are closed; none means all. */
const recordedRows = (repository: string, lessons: readonly number[]): Row[] =>
  readRecording(repository).rows.filter(({ lesson }) => lessons.length === 0 || lessons.includes(lesson))

const drawn = (plan: Plan): { plan: Plan; text: string } => ({ plan, text: explain(plan) })

/** What the stage's own lesson has added. */
const newest = (plan: Plan): Plan =>
  plan.filter(({ lesson }) => lesson === Math.max(...plan.map((step) => step.lesson)))

/** `boxwright stage 3 run --explain ps`: what comes after the program's name. */
const words = (command: string): string[] => command.split(/\s+/).filter((word) => word && word !== 'boxwright')

function refuseHidden<B extends Extract<Block, { kind: 'prose' }>>(block: B): B {
  const [language] = hiddenFences(block.token)
  if (language === undefined) return block
  throw new Error(`A fence ("${language}") stands in a list or in a quotation, where it is not woven: move it out`)
}
