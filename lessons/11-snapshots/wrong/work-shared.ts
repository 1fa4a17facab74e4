/** An upper directory for each, and one work directory for all: it is empty anyway, and nobody looks into it. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Driver } from '../../../src/snapshot/driver.ts'
import {
  added,
  layered,
  overlay as reference,
  type OverlaySettings,
} from '../../../src/snapshot/overlay.ts'

export const diagnosis = 'work'

export const overlay = (settings: OverlaySettings): Driver => ({
  ...reference(settings),
  mounts: (place, kind, parents) => {
    if (parents.length === 0) return reference(settings).mounts(place, kind, [])
    const work = join(dirname(dirname(place)), 'work')
    mkdirSync(work, { recursive: true })
    const upper = { added: added(place), work }
    return [layered(upper, parents.map(added), settings)]
  },
})
