/** Limits for boxes that are made to be looked at: as many as this machine can give. A box that somebody asks for gets all of them, or an error. */
import { offers, readCgroups } from '../kernel/cgroups.ts'
import type { Resources } from '../oci/resources.ts'

export function offered({ memory, pids, cpu }: Resources, cgroups = readCgroups()): Resources {
  return {
    ...(memory && offers(cgroups, 'memory') && { memory }),
    ...(pids && offers(cgroups, 'pids') && { pids }),
    ...(cpu && offers(cgroups, 'cpu') && { cpu }),
  }
}
