/**
 * A service manager that has started us waits for a word at a socket: NOTIFY_SOCKET, sd_notify(3). The container's process says it at one of its own, in
 * a directory of the container's that is mounted in it, as runC has it.
 */
import * as fs from 'node:fs'
import { addon, built } from '../launch/addon.ts'
import type { Spec } from '../oci/spec.ts'
import type { Container } from './container.ts'
import { withVariables } from './handed.ts'

/** In the container. */
const PLACE = '/run/notify'

const manager = (): string => process.env['NOTIFY_SOCKET'] ?? ''

// #region notify
/** @returns the container's directory for it; nothing when nobody waits. */
export const notifyIn = (directory: string): string | undefined => (manager() ? `${directory}/notify` : undefined)

export function withNotify(spec: Spec, source: string | undefined): Spec {
  if (source === undefined) return spec
  const mount = { destination: PLACE, type: 'bind', source, options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'] }
  return withVariables({ ...spec, mounts: [...spec.mounts, mount] }, [`NOTIFY_SOCKET=${PLACE}/notify.sock`])
}

/** Before the command runs, so that no word is lost. @returns nothing when nobody waits. */
export function listenFor({ directory, state: { id } }: Container): Listener | undefined {
  const own = notifyIn(directory)
  if (own === undefined || !fs.existsSync(own)) return undefined
  const file = fs.openSync(built('notify'), 'r')
  const args = ['notify', own, manager()]
  const { pid, socket } = addon().start({ file, args, env: [], descriptors: [0, 1, 2], session: false })
  fs.closeSync(file)
  if (fs.readSync(socket, Buffer.alloc(1)) === 1) return listener(pid, socket)
  throw new Error(
    `Cannot listen for container "${id}": its word could not be passed on to "${manager()}"\n  See whether somebody waits there, or: unset NOTIFY_SOCKET`,
  )
}
// #endregion notify

export interface Listener {
  /** Whose word it is: the container's process, as the host counts. */
  of(pid: number): void
  /** Until it has been passed on, or the process has ended. */
  wait(): void
}

const listener = (pid: number, socket: number): Listener => ({
  of: (first) => void fs.writeSync(socket, String(first)),
  wait: () => void addon().wait(pid),
})
