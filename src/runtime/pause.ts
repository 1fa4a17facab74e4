/** `pause` and `resume`: all processes of a container stand still, and go on. */
import { freeze, thaw } from '../kernel/cgroup-freezer.ts'
import { load } from './container.ts'
import type { Settings } from './settings.ts'

// #region pause
/** @throws Error when it is not running, or cannot be stopped. */
export function pause(settings: Pick<Settings, 'root'>, id: string): void {
  const { status, state } = load(settings, id)
  if (status !== 'running' && status !== 'created')
    throw new Error(
      `Cannot pause container "${id}": container not running: it is ${status}\n  Only one that runs can be paused`,
    )
  freeze(state.cgroups)
}

/** @throws Error when it is not paused. */
export function resume(settings: Pick<Settings, 'root'>, id: string): void {
  const { status, state } = load(settings, id)
  if (status !== 'paused')
    throw new Error(`Cannot resume container "${id}": container not paused: it is ${status}\n  Nothing is to be done`)
  thaw(state.cgroups)
}
// #endregion pause
