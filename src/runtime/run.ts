/** `run`: create and start in one, and nobody waits in between; then wait for the end. */
import { passSignals } from '../launch/signals.ts'
import type { Container } from './container.ts'
import { destroy } from './destroy.ts'
import { runHooks } from './hooks.ts'
import { launching, make, prepare, type Made } from './make.ts'
import type { Launching } from './launch.ts'
import { writePidFile } from './pid-file.ts'
import { listenFor, type Listener } from './notify.ts'
import type { Making, Settings } from './settings.ts'

// #region run
/** @returns the command's exit status; 0 when it is left alone. @throws Failure naming the step that was refused. */
export async function run(settings: Settings, making: Making): Promise<number> {
  const made = prepare(settings, making, false)
  if (making.detach) return detached(made, making)
  const { container } = made
  const listener = listening(container)
  const { status } = await passSignals((signals) =>
    make(made, making, { ...launching(made, '-k'), started: () => started(made, making, listener) }, signals),
  )
  if (!making.keep) destroy(container)
  return status
}
// #endregion run

function listening(container: Container): Listener | undefined {
  try {
    return listenFor(container)
  } catch (error) {
    destroy(container)
    throw error
  }
}

async function detached(made: Made, making: Making): Promise<number> {
  const listener = listening(made.container)
  const how = { ...launching(made, making.monitor ? '-b' : '-d', making), ...watchedBy(making) }
  const { status } = await passSignals((signals) => make(made, making, how, signals))
  if (status !== 0) return status
  started(made, making, listener)
  listener?.wait()
  return 0
}

/** runC's callers have one of their own. */
const watchedBy = ({ monitor }: Making): Partial<Launching> =>
  monitor === undefined
    ? {}
    : { apart: true, launching: (pid) => monitor.launching(pid), afterwards: monitor.afterwards }

function started({ container }: Made, { pidFile }: Making, listener?: Listener): void {
  listener?.of(container.state.pid)
  writePidFile(pidFile, container.state.pid)
  runHooks(container, 'poststart')
}
