/** A way to keep snapshots from a file: a learner's, in the place of the reference's. */
import { readUsers } from '../kernel/users.ts'
import type { Driver } from '../snapshot/driver.ts'
import { overlaySettings, type OverlaySettings } from '../snapshot/overlay.ts'
import { Complaint } from './complaint.ts'
import { loadExports } from './wall-file.ts'

// #region driver
/** @throws Complaint naming the file, and what is so. */
export async function loadDriver(file: string): Promise<Driver> {
  const { overlay } = await loadExports(file, 'driver', 11)
  if (typeof overlay === 'function')
    return (overlay as (settings: OverlaySettings) => Driver)(overlaySettings(readUsers().namespaced))
  throw new Complaint(
    `Cannot load the driver "${file}": it exports no function of the name "overlay"\n  Export one: export const overlay = (settings: OverlaySettings): Driver => ({ name, make, mounts, … })`,
  )
}
// #endregion driver
