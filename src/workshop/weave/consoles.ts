/** The consoles of all pages: replayed where nothing is known of them, compared, and corrected when that is wanted. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { dirname, join } from 'node:path'
import { planOfHost } from '../../image/base.ts'
import { isSame, type Exchange } from './console.ts'
import { replay } from './replay.ts'
import type { Problem, WovenPage } from './weave.ts'

/** What a page's commands printed, one after the other. */
export type Outputs = string[][]

const CACHE = 'node_modules/.cache/boxwright/consoles.json'

// #region consoles
/** What was printed before by the same program, with the same base image, on the same kernel is not replayed. */
export async function outputsOf(repository: string, pages: readonly WovenPage[]): Promise<Outputs[]> {
  const known = readCache(repository)
  const scripts = pages.map((page) => exchangesOf(page).map(({ command }) => command))
  const ground = groundOf(repository)
  const keys = scripts.map((script) => keyOf(ground, script))
  const missing = scripts.filter((script, n) => script.length > 0 && !known[keys[n] ?? ''])
  const fresh = await replay(repository, missing)
  const outputs = scripts.map((script, n) => known[keys[n] ?? ''] ?? fresh[missing.indexOf(script)] ?? [])
  writeCache(repository, Object.fromEntries(keys.map((key, n) => [key, outputs[n] ?? []])))
  return outputs
}

export function consoleProblems(page: WovenPage, outputs: Outputs): Problem[] {
  return exchangesOf(page).flatMap(({ command, expected, line }, n) => {
    const printed = outputs[n] ?? []
    if (isSame(expected, printed)) return []
    return [{ path: page.page.path, line, message: `"${shorten(command)}" prints something else:\n${indent(printed)}` }]
  })
}
// #endregion consoles

/** Puts what was printed in the place of what the page says. A console with `…` in it is its author's to correct. */
export function correct(repository: string, page: WovenPage, outputs: Outputs): void {
  const path = join(repository, page.page.path)
  const lines = readFileSync(path, 'utf8').split('\n')
  const wrong = exchangesOf(page).map((exchange, n) => ({ ...exchange, printed: outputs[n] ?? [] }))
  for (const { command, expected, line, printed } of wrong.reverse()) {
    if (isSame(expected, printed) || expected.includes('…')) continue
    lines.splice(line - 1 + command.split('\n').length, expected.length, ...printed)
  }
  writeFileSync(path, lines.join('\n'))
}

const exchangesOf = ({ blocks }: WovenPage): Exchange[] =>
  blocks.flatMap((block) => (block.kind === 'console' ? block.exchanges : []))

/** The program, as it is bundled, what stands in a box, and the kernel: of these an output is made. */
function groundOf(repository: string): string[] {
  const program = ['main.js', 'inside.js'].map((name) => readFileSync(join(repository, 'dist', name), 'utf8'))
  return [release(), process.version, planOfHost().key, ...program]
}

const keyOf = (ground: readonly string[], script: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([ground, script]))
    .digest('hex')

function readCache(repository: string): Record<string, Outputs> {
  const path = join(repository, CACHE)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Outputs>) : {}
}

function writeCache(repository: string, outputs: Record<string, Outputs>): void {
  const path = join(repository, CACHE)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(outputs))
}

const shorten = (command: string): string => (command.length > 60 ? `${command.slice(0, 59)}…` : command)

const indent = (lines: readonly string[]): string => lines.map((line) => `      ${line}`).join('\n')
