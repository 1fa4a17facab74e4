/** The files have their names, so what is in them must be that. */
import { openSync } from 'node:fs'
import { chroot, layersIn, program } from '../given.ts'
import { unpackLayer } from '../solution.ts'

export const diagnosis = 'digest'

program(import.meta, async (layout, target) => {
  const blobs = layersIn(layout).map(({ file }) => openSync(file, 'r'))
  chroot(target)
  for (const blob of blobs) await unpackLayer(blob, '/')
})
