/** `kill`: a signal to the container's first process, or to all of them. runtime-spec runtime.md §kill. */
import { isFrozen, thaw } from '../kernel/cgroup-freezer.ts'
import { signalAll } from '../kernel/cgroup-processes.ts'
import { signalProcess } from '../kernel/signal.ts'
import type { Spec } from '../oci/spec.ts'
import { load, type Container } from './container.ts'
import type { Settings } from './settings.ts'

// #region kill
/** @throws Error when it does not run: a signal to nobody is lost. */
export function kill(settings: Settings, id: string, signal: number, { all = false } = {}): void {
  const container = load(settings, id)
  if (all) signalAll(container.state.cgroups, signal)
  else if (container.status !== 'stopped') signalFirst(container, signal)
  else
    throw new Error(
      `Cannot send signal ${signal} to container "${id}": container not running\n  What is left of it goes with: boxwright-runc delete ${id}`,
    )
}
// #endregion kill

/** Without a PID namespace of its own nobody ends with the first: then SIGKILL is for all. And who is frozen does not end before it thaws. */
export function signalFirst(container: Container, signal: number): void {
  const { cgroups, config } = container.state
  const { first } = container
  if (signal === SIGKILL && !hasOwnPids(config)) signalAll(cgroups, SIGKILL)
  else if (first) signalProcess(first.pid, signal)
  if (signal === SIGKILL && isFrozen(cgroups)) thaw(cgroups)
}

export const SIGKILL = 9

const hasOwnPids = (config: unknown): boolean =>
  (config as Partial<Spec>).linux?.namespaces.some(({ type, path }) => type === 'pid' && !path) === true
