/** What is written goes to a directory that belongs to what the box stands on: all who stand there share it. */
import { mkdirSync } from 'node:fs'
import type { Driver } from '../../../src/snapshot/driver.ts'
import {
  added,
  layered,
  overlay as reference,
  work,
  type OverlaySettings,
} from '../../../src/snapshot/overlay.ts'

export const diagnosis = 'apart'

export const overlay = (settings: OverlaySettings): Driver => ({
  ...reference(settings),
  mounts: (place, kind, parents) => {
    const [parent] = parents
    if (parent === undefined) return reference(settings).mounts(place, kind, [])
    const shared = `${parent}/written`
    for (const path of [shared, added(shared), work(shared)])
      mkdirSync(path, { recursive: true })
    const upper = { added: added(shared), work: work(shared) }
    return [layered(upper, parents.map(added), settings)]
  },
})
