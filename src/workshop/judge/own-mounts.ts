/** A mount namespace of our own: what a plan that is still wrong mounts goes no further, and is gone when we are. mount_namespaces(7). */
import { CLONE_NEWNS, MS_PRIVATE, MS_REC, MS_SHARED } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'

// #region own
/** Private first, so that nothing gets out to the host; then shared again, as a host is: what leaks out of a box is seen here. */
export function enterOwnMounts(): void {
  calls.unshare(CLONE_NEWNS)
  calls.mount('none', '/', '', MS_REC | MS_PRIVATE, '')
  calls.mount('none', '/', '', MS_REC | MS_SHARED, '')
}
// #endregion own

/** The name under which the judge mounts its arena: it can be seen in that mount namespace alone. */
export const ARENA = 'boxwright-arena'

/** In there whatever leaks out of a box stays, and is looked for. */
export const isInArena = (): boolean => readMountInfo().some(({ source }) => source === ARENA)
