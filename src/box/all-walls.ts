/**
 * Lesson 8. All the walls that lessons 1 to 8 have built, in the order in which they are put up: those about the process come last, since nothing could be
 * built after them. The lessons on images leave them as they are, and put something else between them.
 */
import { cgroupView } from './cgroup-view.ts'
import { cgroupBirth } from './cgroup-birth.ts'
import { command } from './command.ts'
import { deviceAccess } from './device-access.ts'
import { devices } from './devices.ts'
import { keyring } from './keyring.ts'
import { labels } from './labels.ts'
import { mappedMounts } from './mapped-mounts.ts'
import { names } from './names.ts'
import { namespaces } from './namespaces.ts'
import { network } from './network.ts'
import { paths } from './paths.ts'
import { rights } from './rights.ts'
import { rlimits } from './rlimits.ts'
import { sysctls } from './sysctls.ts'
import { users } from './users.ts'
import type { Wall } from '../plan/plan.ts'

// #region walls
export const allWalls: readonly Wall[] = [
  cgroupBirth,
  deviceAccess,
  users,
  namespaces,
  network,
  mappedMounts,
  devices,
  cgroupView,
  names,
  sysctls,
  paths,
  rlimits,
  keyring,
  labels,
  rights,
  command,
]
// #endregion walls
