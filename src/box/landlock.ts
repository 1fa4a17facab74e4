/**
 * Lesson 8. A wall that nobody asked for and anybody may build: landlock(7). It needs no privilege, so it still stands where a capability has been
 * given too many. Where the kernel has none, nothing is lost but this one.
 */
import type { Capability } from '../kernel/capabilities.ts'
import {
  LANDLOCK_ACCESS_FS_MAKE_BLOCK,
  LANDLOCK_ACCESS_FS_MAKE_CHAR,
  LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
  LANDLOCK_SCOPE_SIGNAL,
} from '../kernel/constants.ts'
import { box, type Draft } from '../plan/plan.ts'

const MAKE_DEVICE = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK
const REFER = LANDLOCK_ACCESS_FS_REFER
const OUTSIDE = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL

const SLOT = 62

// #region landlock
/**
 * From version 2 on: device files are not made, by anybody, anywhere; and, as with every ruleset about files, nothing is mounted. From version 6 on:
 * no abstract socket and no process outside of the box is spoken to.
 */
export function landlock(
  version: number,
  capabilities: readonly Capability[],
): Draft[] {
  const mounts = capabilities.includes('CAP_SYS_ADMIN')
  const files = version >= 2 && !mounts ? MAKE_DEVICE | REFER : 0
  const scoped = version >= 6 ? OUTSIDE : 0
  if (files === 0 && scoped === 0) return []
  return [
    box(
      'landlock_create_ruleset',
      [SLOT, files, 0, scoped],
      'what is named here is refused',
      { fine: MISSING },
    ),
    // Unless it is allowed, no file is moved from one directory to another.
    ...(files > 0
      ? [
          box('landlock_add_rule', [SLOT, '/', REFER], 'but this, everywhere', {
            fine: ['EBADF'],
          }),
        ]
      : []),
    box('landlock_restrict_self', [SLOT], 'from here on', { fine: ['EBADF'] }),
  ]
}
// #endregion landlock

/** Not built in, or not among the modules that were started. */
const MISSING = ['ENOSYS', 'EOPNOTSUPP', 'EPERM']
