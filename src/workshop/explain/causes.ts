/** The table: what can be wrong. Of one call, what the kernel looks at first is asked first; what only may be it comes last. */
import type { Cause } from './cause.ts'
import { cgroupRemovalCauses, cgroupValueCauses } from './causes/cgroup-values.ts'
import { cgroupCauses } from './causes/cgroups.ts'
import { execveCauses } from './causes/execve.ts'
import { mountDataCauses } from './causes/mount-data.ts'
import { mountCauses } from './causes/mount.ts'
import { forkCauses, setnsCauses, unshareCauses } from './causes/namespaces.ts'
import { pathCauses } from './causes/paths.ts'
import { pivotRootCauses } from './causes/pivot-root.ts'
import { privilegeCauses, suspicions } from './causes/privilege.ts'
import { smallCauses } from './causes/small.ts'
import { umountCauses } from './causes/umount.ts'
import { userMapCauses } from './causes/user-maps.ts'

// #region table
export const causes: readonly Cause[] = [
  ...privilegeCauses,
  ...pivotRootCauses,
  ...execveCauses,
  ...unshareCauses,
  ...setnsCauses,
  ...forkCauses,
  ...mountCauses,
  ...mountDataCauses,
  ...umountCauses,
  ...userMapCauses,
  ...cgroupCauses,
  ...cgroupValueCauses,
  ...cgroupRemovalCauses,
  ...smallCauses,
  ...pathCauses,
  ...suspicions,
]
// #endregion table
