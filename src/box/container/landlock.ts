/**
 * Lesson 13. Landlock when somebody asks for it: what may be done with which files, for the command and all that it starts. It needs no privilege, and
 * none takes it away. landlock(7).
 */
import * as constants from '../../kernel/constants.ts'
import {
  landlockOf,
  type LandlockWish,
  type Scope,
} from '../../oci/landlock.ts'
import { box, type Draft, type Wall } from '../../plan/plan.ts'

const SLOT = 41

const { LANDLOCK_ACCESS_FS_REFER: REFER } = constants

/** A right is one bit, and each version of Landlock has some more. */
const RIGHTS: Record<string, number> = {
  x: constants.LANDLOCK_ACCESS_FS_EXECUTE,
  r:
    constants.LANDLOCK_ACCESS_FS_READ_FILE |
    constants.LANDLOCK_ACCESS_FS_READ_DIR,
  w:
    constants.LANDLOCK_ACCESS_FS_WRITE_FILE |
    constants.LANDLOCK_ACCESS_FS_REMOVE_DIR |
    constants.LANDLOCK_ACCESS_FS_REMOVE_FILE |
    constants.LANDLOCK_ACCESS_FS_MAKE_DIR |
    constants.LANDLOCK_ACCESS_FS_MAKE_REG |
    constants.LANDLOCK_ACCESS_FS_MAKE_SOCK |
    constants.LANDLOCK_ACCESS_FS_MAKE_FIFO |
    constants.LANDLOCK_ACCESS_FS_MAKE_SYM |
    constants.LANDLOCK_ACCESS_FS_TRUNCATE |
    REFER,
  d:
    constants.LANDLOCK_ACCESS_FS_MAKE_CHAR |
    constants.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
    constants.LANDLOCK_ACCESS_FS_IOCTL_DEV,
}

const ALL = Object.values(RIGHTS).reduce((all, right) => all | right, 0)

/** How many rights there are in each version, from 1 on: landlock(7), "VERSIONS". */
const KNOWN = [13, 14, 15, 15, 16]

const knownIn = (version: number): number =>
  ALL & (2 ** (KNOWN[Math.min(version, KNOWN.length) - 1] ?? 0) - 1)

const SCOPES: Record<Scope, number> = {
  signal: constants.LANDLOCK_SCOPE_SIGNAL,
  abstract_unix_socket: constants.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
}

// #region landlock
/** Before rights are dropped: until then it may be asked for without a promise of no new privileges. */
export const containerLandlock: Wall = {
  name: 'container-landlock',
  lesson: 13,
  steps: (spec, { security: { landlock: version } }) => {
    const wish = landlockOf(spec)
    if (wish === undefined) return []
    refuse(wish, version)
    return ruleset(wish, knownIn(version))
  },
}

function ruleset({ allow, scoped }: LandlockWish, known: number): Draft[] {
  const scopes = scoped.reduce((all, scope) => all | SCOPES[scope], 0)
  return [
    box(
      'landlock_create_ruleset',
      [SLOT, allow === undefined ? 0 : known, 0, scopes],
      'what is named here is refused',
    ),
    ...Object.entries(allow ?? {}).map(([path, letters]) =>
      box(
        'landlock_add_rule',
        [SLOT, path, rightsOf(letters) & known],
        'but this, there and below',
      ),
    ),
    box('landlock_restrict_self', [SLOT], 'from here on'),
    box('close', [SLOT], 'it is in force'),
  ]
}

const rightsOf = (letters: string): number =>
  Object.entries(RIGHTS)
    .filter(([letter]) => letters.includes(letter))
    .reduce((all, [, rights]) => all | rights, 0)
// #endregion landlock

/** What somebody asks for is not left out in silence. */
function refuse({ scoped }: LandlockWish, version: number): void {
  const needed = scoped.length > 0 ? 6 : 1
  if (version >= needed) return
  throw new Error(
    `Cannot have Landlock as it is asked for: ${version === 0 ? 'this kernel has none' : `this kernel has version ${version}, and scoped came with ${needed}`}\n  Leave annotations["boxwright.landlock"] out, or ask for less`,
  )
}
