/** Whether this machine's kernel lays a root file system together: tried in a mount namespace that nobody else sees, and that is gone at once. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { launched, unheeding } from '../launch/launched.ts'
import { StepFailed } from '../launch/launcher.ts'
import { lineOfOne } from '../launch/line.ts'
import type { RootMount } from '../oci/root-mount.ts'
import { symbolic } from '../plan/symbols.ts'
import { inMounts } from './apart.ts'

// #region tried
/** @param make fills a directory, and says what is to be mounted. @returns what was refused. */
export async function tried(directory: string, make: (place: string) => RootMount[]): Promise<string | undefined> {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const place = fs.mkdtempSync(join(directory, '.trial-'))
  try {
    const root = join(place, 'root')
    fs.mkdirSync(root)
    const { status } = await launched(
      inMounts(make(place), root, ['true'], ['PATH=/usr/bin:/bin']),
      { line: lineOfOne },
      unheeding(),
    )
    return status === 0 ? undefined : `true(1) ended with status ${status}`
  } catch (error) {
    if (error instanceof StepFailed) return `${symbolic(error.step)} gave ${error.code}`
    return (error as Error).message
  } finally {
    fs.rmSync(place, { recursive: true, force: true })
  }
}
// #endregion tried
