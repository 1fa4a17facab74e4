/** A run of all attacks that was kept: what pages and slides show. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from './matrix.ts'

export interface Recording {
  /** What the attacks were made on. */
  kernel: string
  /** Of the attacks and of the stages' plans: attacks/stale.ts. */
  digest: string
  rows: Row[]
}

/** `boxwright attack --json > lessons/attacks.json` */
export const RECORDING = 'lessons/attacks.json'

export const readRecording = (repository: string): Recording =>
  JSON.parse(readFileSync(join(repository, RECORDING), 'utf8')) as Recording
