/**
 * Lesson 13. The filter of a container: for all tables that its profile names, and with somebody to ask if it wants that. Whoever is asked gets the
 * filter's descriptor over a socket, and is told whose it is: config-linux.md §seccomp.
 */
import { writeJson } from '../../oci/json.ts'
import { FLAGS, type Seccomp } from '../../oci/seccomp.ts'
import type { Spec } from '../../oci/spec.ts'
import { box, BOX, host, type Draft } from '../../plan/plan.ts'
import { said, type Told } from '../hooks.ts'
import { compileSeccomp } from '../seccomp-filter.ts'

/** Numbers for the socket, and for what is said over it. */
const SOCKET = 52
const STATE = 53

// #region filter
export const filters = ({ linux: { seccomp } }: Spec): Draft[] => {
  if (seccomp === undefined) return []
  const program = compileSeccomp(seccomp).toString('hex')
  const why = 'asked before each system call, from now on'
  return notifies(seccomp)
    ? [box('seccomp_listener', [flags(seccomp), program, SOCKET, STATE], why)]
    : [box('seccomp', [flags(seccomp), program], why)]
}

const notifies = ({ syscalls = [] }: Seccomp): boolean =>
  syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY')

/** Of one thread there is nothing to synchronise, and whom nobody answers need not wait for an answer: seccomp(2) refuses either. */
const flags = (profile: Seccomp): number =>
  (profile.flags ?? [])
    .filter((flag) => flag !== NEEDLESS[notifies(profile) ? 'asked' : 'alone'])
    .reduce((all, flag) => all | FLAGS[flag], 0)

const NEEDLESS = {
  asked: 'SECCOMP_FILTER_FLAG_TSYNC',
  alone: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
} as const
// #endregion filter

// #region listener
/** Before there is a filter: the host knows the path, and the number of the box's process. */
export function listener(spec: Spec, told: Told): Draft[] {
  const { seccomp } = spec.linux
  if (!seccomp || !notifies(seccomp)) return []
  return [
    host('connect', [SOCKET, seccomp.listenerPath ?? ''], 'who is to be asked'),
    host(
      'memfd_create',
      [STATE, stateOf(spec, seccomp, told)],
      'and about whom',
    ),
  ]
}

/** config-linux.md §containerprocessstate. */
const stateOf = (
  spec: Spec,
  { listenerMetadata: metadata }: Seccomp,
  told: Told,
): string => {
  const { ociVersion } = spec
  const about = { ociVersion, fds: ['seccompFd'], pid: 0, metadata, state: 0 }
  return writeJson(about)
    .replaceAll(BOX, '\\u007bbox}')
    .replace('"pid":0', `"pid":${BOX}`)
    .replace(/"state":0\}$/, () => `"state":${said(spec, told, 'creating')}}`)
}
// #endregion listener
