/** The nearest layer is bound, to be written to. It looks right as long as there is one box. */
import type { Driver } from '../../../src/snapshot/driver.ts'
import {
  added,
  bind,
  overlay as reference,
  type OverlaySettings,
} from '../../../src/snapshot/overlay.ts'

export const diagnosis = 'untouched'

export const overlay = (settings: OverlaySettings): Driver => ({
  ...reference(settings),
  mounts: (place, _kind, [parent = place]) => [bind(added(parent), 'rw')],
})
