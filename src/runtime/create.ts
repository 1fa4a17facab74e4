/** `create`: all walls, and a process that waits behind them. runtime-spec runtime.md §create. */
import type { Outcome } from '../launch/launcher.ts'
import { unheeding, type Passing } from '../launch/launched.ts'
import { launching, make, prepare } from './make.ts'
import { writePidFile } from './pid-file.ts'
import type { Making, Settings } from './settings.ts'

// #region create
/** @throws Failure naming the step that was refused; nothing is left of the container then. */
export async function create(settings: Settings, making: Making, signals: Passing = unheeding()): Promise<Outcome> {
  const made = prepare(settings, making, true)
  const outcome = await make(made, making, { ...launching(made, '-d'), keepsWords: true }, signals)
  writePidFile(making.pidFile, made.container.state.pid)
  return outcome
}
// #endregion create
