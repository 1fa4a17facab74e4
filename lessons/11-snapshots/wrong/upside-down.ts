/** The lowest layer first, as it is in a manifest. The kernel reads the list from its other end. */
import type { Driver } from '../../../src/snapshot/driver.ts'
import {
  overlay as reference,
  type OverlaySettings,
} from '../../../src/snapshot/overlay.ts'

export const diagnosis = 'order'

export const overlay = (settings: OverlaySettings): Driver => {
  const right = reference(settings)
  return {
    ...right,
    mounts: (place, kind, parents) =>
      right.mounts(place, kind, [...parents].reverse()),
  }
}
