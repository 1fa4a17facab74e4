/** A run that was kept: what pages and slides show. It tells by what it was made, so that it is known when that has changed since. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { symbolic } from '../../plan/symbols.ts'
import type { Stage } from '../stage.ts'
import type { Problem, Workshop } from '../weave/weave.ts'
import type { Row } from './matrix.ts'

export interface Recording {
  kernel: string
  /** Of the attacks and of the stages' plans. */
  digest: string
  rows: Row[]
}

const FILE = 'lessons/attacks.json'
const SOURCES = ['src/workshop/attacks', 'native/attacks']

// #region recording
export const recordingOf = (
  repository: string,
  stages: readonly Stage[],
  workshop: Workshop,
  rows: Row[],
): Recording => ({
  kernel: release(),
  digest: digest(repository, stages, workshop),
  rows,
})

export const readRecording = (repository: string): Recording =>
  JSON.parse(readFileSync(join(repository, FILE), 'utf8')) as Recording

/** Has something changed that a verdict may depend on? */
export function staleRecording(
  repository: string,
  stages: readonly Stage[],
  workshop: Workshop,
): Problem[] {
  const isCurrent =
    existsSync(join(repository, FILE)) &&
    readRecording(repository).digest === digest(repository, stages, workshop)
  const message = `the attacks or the stages have changed: run "boxwright attack --json > ${FILE}"`
  return isCurrent ? [] : [{ path: FILE, line: 1, message }]
}
// #endregion recording

function digest(
  repository: string,
  stages: readonly Stage[],
  { plan }: Workshop,
): string {
  const hash = createHash('sha256')
  for (const path of sourcesOf(repository))
    hash.update(path).update(readFileSync(join(repository, path)))
  for (const { lesson } of stages)
    for (const step of plan(['stage', String(lesson), 'run', 'sh']))
      hash.update(`${lesson} ${step.lane} ${symbolic(step)}\n`)
  return hash.digest('hex').slice(0, 16)
}

const sourcesOf = (repository: string): string[] =>
  SOURCES.flatMap((directory) =>
    readdirSync(join(repository, directory), { recursive: true })
      .map((name) => `${directory}/${String(name)}`)
      .filter((path) => /\.(ts|c|h)$/.test(path))
      .sort(),
  )
