/** Descriptors of ours that a container's process gets as well: sockets that a service manager has opened, say. */
import { existsSync } from 'node:fs'
import type { Spec } from '../oci/spec.ts'
import type { Making } from './settings.ts'

// #region listen
/** @returns how many a service manager has opened for this process: sd_listen_fds(3). For others than us they are nothing to hand on. */
export function listenFds({ LISTEN_FDS = '', LISTEN_PID }: NodeJS.ProcessEnv, pid: number): number {
  return LISTEN_PID === String(pid) && /^\d{1,5}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0
}

/** Its process is told that they are its own: in a PID namespace it has number 1, and runC says so in any case. */
export const withListeners = (spec: Spec, { listenFds = 0 }: Pick<Making, 'listenFds'>): Spec =>
  listenFds > 0 ? withVariables(spec, [`LISTEN_FDS=${listenFds}`, 'LISTEN_PID=1']) : spec
// #endregion listen

/** In the place of those that were there: getenv(3) finds the first. */
export function withVariables(spec: Spec, variables: readonly string[]): Spec {
  const isNew = (old: string): boolean => variables.every((one) => one.split('=')[0] !== old.split('=')[0])
  return { ...spec, process: { ...spec.process, env: [...spec.process.env.filter(isNew), ...variables] } }
}

/** @returns their numbers, from 3 on. @throws Error when one of them is not open. */
export function handedTo({ listenFds = 0, preserveFds = 0 }: Pick<Making, 'listenFds' | 'preserveFds'>): number[] {
  const handed = Array.from({ length: listenFds + preserveFds }, (_, n) => 3 + n)
  const missing = handed.find((fd) => !existsSync(`/proc/self/fd/${fd}`))
  if (missing === undefined) return handed
  throw new Error(
    `Cannot preserve ${handed.length} descriptors: number ${missing} is not open\n  Open it, or hand on fewer: --preserve-fds, LISTEN_FDS`,
  )
}
