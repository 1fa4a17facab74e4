/** By what a recording was made, so that it is known when that has changed since: a verdict depends on the attacks, and on the plans of the stages. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { symbolic } from '../../plan/symbols.ts'
import type { Stage } from '../stage.ts'
import type { Problem, Workshop } from '../weave/weave.ts'
import type { Row } from './matrix.ts'
import { readRecording, RECORDING, type Recording } from './recording.ts'

/** Where a recording is kept, and what it is of. */
interface Kept {
  repository: string
  stages: readonly Stage[]
  workshop: Workshop
}

// #region stale
export const recordingOf = (kept: Kept, rows: Row[]): Recording => ({
  kernel: release(),
  digest: digest(kept),
  rows,
})

export function staleRecording(kept: Kept): Problem[] {
  const isCurrent =
    existsSync(join(kept.repository, RECORDING)) &&
    readRecording(kept.repository).digest === digest(kept)
  const message = `the attacks or the stages have changed: run "boxwright attack --json > ${RECORDING}"`
  return isCurrent ? [] : [{ path: RECORDING, line: 1, message }]
}
// #endregion stale

function digest({ repository, stages, workshop }: Kept): string {
  const hash = createHash('sha256')
  for (const path of sourcesOf(repository))
    hash.update(path).update(readFileSync(join(repository, path)))
  for (const { lesson } of stages)
    for (const step of workshop.plan(['stage', String(lesson), 'run', 'sh']))
      hash.update(`${lesson} ${step.lane} ${symbolic(step)}\n`)
  return hash.digest('hex').slice(0, 16)
}

const sourcesOf = (repository: string): string[] =>
  ['src/workshop/attacks', 'native/attacks'].flatMap((directory) =>
    readdirSync(join(repository, directory), { recursive: true })
      .map((name) => `${directory}/${String(name)}`)
      .filter((path) => /\.(ts|c|h)$/.test(path))
      .sort(),
  )
