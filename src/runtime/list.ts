/** `list`: all containers below one root. */
import * as fs from 'node:fs'
import { Container, load } from './container.ts'
import type { Settings } from './settings.ts'
import { stateOf, type State } from './state.ts'

// #region list
/** By name. One that goes meanwhile is none; one of which nothing is known yet neither. */
export function list(settings: Settings): State[] {
  if (!fs.existsSync(settings.root)) return []
  return fs
    .readdirSync(settings.root)
    .sort()
    .flatMap((id) => loadIfThere(settings, id))
    .map(stateOf)
}
// #endregion list

function loadIfThere(settings: Settings, id: string): Container[] {
  try {
    return [load(settings, id)]
  } catch {
    return []
  }
}
