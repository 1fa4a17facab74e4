/** The stages, in the order of their lessons. */
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { ownUsers } from '../../lessons/06-users/stage.ts'
import { ownNetwork } from '../../lessons/07-network/stage.ts'
import { security } from '../../lessons/08-security/stage.ts'
import { images } from '../../lessons/09-images/stage.ts'
import { registry } from '../../lessons/10-registry/stage.ts'
import { snapshots } from '../../lessons/11-snapshots/stage.ts'
import { oci } from '../../lessons/13-oci/stage.ts'

export const stages = [
  chroot,
  namespaces,
  mounts,
  cgroups,
  threads,
  ownUsers,
  ownNetwork,
  security,
  images,
  registry,
  snapshots,
  oci,
]
