/** The work directory is on another file system than the upper one: from there nothing can be renamed into place. */
import type { Driver } from '../../../src/snapshot/driver.ts'
import {
  added,
  layered,
  overlay as reference,
  type OverlaySettings,
} from '../../../src/snapshot/overlay.ts'

export const diagnosis = 'stands'

export const overlay = (settings: OverlaySettings): Driver => ({
  ...reference(settings),
  mounts: (place, kind, parents) =>
    parents.length === 0
      ? reference(settings).mounts(place, kind, [])
      : [
          layered(
            { added: added(place), work: '/dev/shm' },
            parents.map(added),
            settings,
          ),
        ],
})
