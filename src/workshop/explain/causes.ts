/** The table: what can be wrong. Of one call, what the kernel looks at first is asked first; what only may be it comes last. */
import type { Cause } from './cause.ts'
import { cgroupRemovalCauses, cgroupValueCauses } from './causes/cgroup-values.ts'
import { cgroupCauses } from './causes/cgroups.ts'
import { confinementCauses } from './causes/confinement.ts'
import { execveCauses } from './causes/execve.ts'
import { forkCauses } from './causes/fork.ts'
import { mountDataCauses } from './causes/mount-data.ts'
import { mountDeviceCauses } from './causes/mount-device.ts'
import { mountCauses } from './causes/mount.ts'
import { networkCauses } from './causes/network.ts'
import { pathCauses } from './causes/paths.ts'
import { pivotRootCauses } from './causes/pivot-root.ts'
import { privilegeCauses, suspicions } from './causes/privilege.ts'
import { setnsCauses } from './causes/setns.ts'
import { smallCauses } from './causes/small.ts'
import { umountCauses } from './causes/umount.ts'
import { unshareCauses } from './causes/unshare.ts'
import { userMapCauses } from './causes/user-maps.ts'
import { userCauses } from './causes/users.ts'

// #region table
export const causes: readonly Cause[] = [
  ...privilegeCauses,
  ...pivotRootCauses,
  ...execveCauses,
  ...unshareCauses,
  ...setnsCauses,
  ...forkCauses,
  ...networkCauses,
  ...mountDeviceCauses,
  ...mountCauses,
  ...mountDataCauses,
  ...umountCauses,
  ...userMapCauses,
  ...userCauses,
  ...cgroupCauses,
  ...cgroupValueCauses,
  ...cgroupRemovalCauses,
  ...confinementCauses,
  ...smallCauses,
  ...pathCauses,
  ...suspicions,
]
// #endregion table
