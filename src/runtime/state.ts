/** `state`: what a container is, in the specification's words. runtime-spec runtime.md §state. */
import { statSync } from 'node:fs'
import { readOrEmpty } from '../kernel/file.ts'
import { load, type Container, type Status } from './container.ts'
import type { Settings } from './settings.ts'

/** `rootfs`, `created` and `owner` are runC's own. */
export interface State {
  ociVersion: string
  id: string
  pid: number
  status: Status
  bundle: string
  rootfs: string
  created: string
  annotations: Record<string, string>
  owner: string
}

// #region state
/** @throws NoContainer */
export const state = (settings: Settings, id: string): State => stateOf(load(settings, id))

export function stateOf(container: Container): State {
  const { ociVersion, id, bundle, rootfs, created, annotations } = container.state
  const { status } = container
  const pid = status === 'stopped' ? 0 : (container.first?.pid ?? 0)
  const owner = nameOf(statSync(container.directory, { throwIfNoEntry: false })?.uid ?? 0) // it may have gone by now
  return { ociVersion, id, pid, status, bundle, rootfs, created, annotations, owner }
}
// #endregion state

/** As runC has it: passwd(5), and no other place that may know names. */
const nameOf = (uid: number): string =>
  new RegExp(`^([^:]+):[^:]*:${uid}:`, 'm').exec(readOrEmpty('/etc/passwd'))?.[1] ?? `#${uid}`
