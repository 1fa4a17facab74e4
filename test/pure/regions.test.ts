import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { excerpt } from '../../src/workshop/weave/regions.ts'

const top = mkdtempSync(join(tmpdir(), 'regions-'))
after(() => rmSync(top, { recursive: true }))
const repository = join(top, 'repository')

const SOURCE = `/** The head. */
import { x } from './x.ts'

// #region outer
/**
 * What main does.
 */
export function main(): void {
  // #region inner
  if (x) {

    inner()
  }
  // #endregion inner
}
// #endregion outer

export const short = 1
export const list = [
  1,
]
/** On one line. */
export const arrow = (text: string): string =>
  text.trim()

export interface Shape {
  size: number
}
export type Name = string

/** Not exported. */
function hidden(): void {}

/** Of another thing. */

export async function later(): Promise<void> {
  await x
}
export class Box {
  open(): void {}
}
// #region open
export const shorter = 2
`

mkdirSync(join(repository, 'src'), { recursive: true })
writeFileSync(join(repository, 'src/a.ts'), SOURCE)
writeFileSync(join(top, 'secret.ts'), 'export const secret = 1\n')

/** A line's number, counted here by what it holds. */
const lineOf = (text: string): number => SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1

const EXCERPTS: [name: string, first: string, text: string][] = [
  ['inner', 'if (x)', 'if (x) {\n\n  inner()\n}'],
  ['outer', '/**\n', '/**\n * What main does.\n */\nexport function main(): void {\n  if (x) {\n\n    inner()\n  }\n}'],
  ['main', '/**\n', '/**\n * What main does.\n */\nexport function main(): void {\n  if (x) {\n\n    inner()\n  }\n}'],
  ['short', 'const short', 'export const short = 1'],
  ['shorter', 'const shorter', 'export const shorter = 2'],
  ['list', 'const list', 'export const list = [\n  1,\n]'],
  ['Shape', 'interface', 'export interface Shape {\n  size: number\n}'],
  ['Name', 'type Name', 'export type Name = string'],
  ['later', 'async', 'export async function later(): Promise<void> {\n  await x\n}'],
  ['Box', 'class', 'export class Box {\n  open(): void {}\n}'],
]
for (const [name, first, text] of EXCERPTS)
  test(`excerpt gives the piece and the place of its first line when "${name}" is asked for`, () => {
    const found = excerpt(repository, `src/a.ts#${name}`)
    assert.equal(found.path, 'src/a.ts')
    assert.equal(found.text, text)
    assert.equal(found.line, first === '/**\n' ? 5 : lineOf(first))
  })

const REFUSED: [what: string, reference: string, fact: string][] = [
  ['the path leaves the repository', '../secret.ts#secret', 'the path leaves the repository'],
  ['the path leaves it on a detour', 'src/../../secret.ts#secret', 'the path leaves the repository'],
  ['the path is absolute', '/etc/passwd#root', 'the path leaves the repository'],
  ['there is no such file', 'src/b.ts#x', 'there is no such file'],
  ['the path is a directory', 'src#x', 'there is no such file'],
  ['there is no such name', 'src/a.ts#nothing', 'there is no region and no export "nothing" in src/a.ts'],
  ['what has the name is not exported', 'src/a.ts#hidden', 'there is no region and no export "hidden" in src/a.ts'],
  ['only a part of a name is given', 'src/a.ts#lat', 'there is no region and no export "lat" in src/a.ts'],
  ['the region is never closed', 'src/a.ts#open', 'there is no region and no export "open" in src/a.ts'],
  ['no name is given', 'src/a.ts', 'there is no region and no export "" in src/a.ts'],
]
for (const [what, reference, fact] of REFUSED)
  test(`excerpt refuses, naming what was asked for, when ${what}`, () => {
    assert.throws(() => excerpt(repository, reference), { message: `Cannot quote "${reference}": ${fact}` })
  })

test('excerpt quotes every region of this project that a name stands for', () => {
  const found = excerpt(join(import.meta.dirname, '../..'), 'src/box/root.ts#root')
  assert.match(found.text, /^export const root: Wall = \{\n {2}name: 'root',/)
})
