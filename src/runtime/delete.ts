/** `delete`: what is left of a container goes. runtime-spec runtime.md §delete. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { claim } from './claim.ts'
import { load, NoContainer, StateLost, type Container } from './container.ts'
import { destroy } from './destroy.ts'
import { removeDirectory, sweepDrafts } from './directory.ts'
import type { Settings } from './settings.ts'

// #region delete
/** @param force ends one that runs; one that is not there is as good as deleted. @throws Error when it still runs. */
export function deleteContainer(settings: Settings, id: string, { force = false } = {}): void {
  sweepDrafts(settings.root)
  const container = force ? loadIfThere(settings, id) : load(settings, id)
  if (!container) return
  refuseRunning(container, force)
  using claimed = claim(join(container.directory, 'delete'))
  if (!existsSync(container.directory)) return // somebody has been quicker
  if (!claimed)
    throw new Error(`Cannot delete container "${id}": somebody else is deleting it\n  Nothing is to be done`)
  destroy(container)
}
// #endregion delete

function refuseRunning({ status, state: { id } }: Container, force: boolean): void {
  if (force || status === 'stopped' || status === 'created') return
  throw new Error(
    `Cannot delete container "${id}": cannot delete container ${id} that is not stopped: ${status}\n  End it first: boxwright-runc kill ${id} KILL. Or do both: boxwright-runc delete --force ${id}`,
  )
}

function loadIfThere(settings: Settings, id: string): Container | undefined {
  try {
    return load(settings, id)
  } catch (error) {
    if (error instanceof StateLost) removeDirectory(settings.root, id)
    else if (!(error instanceof NoContainer)) throw error
    return undefined
  }
}
