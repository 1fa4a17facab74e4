/** The topmost layer first, as a list of what is seen first would have it. */
import { openSync } from 'node:fs'
import { chroot, layersIn, program } from '../given.ts'
import { expectWhole, unpackLayer } from '../solution.ts'

export const diagnosis = 'order'

program(import.meta, async (layout, target) => {
  const layers = layersIn(layout)
  layers.forEach(expectWhole)
  const blobs = layers.map(({ file }) => openSync(file, 'r'))
  chroot(target)
  for (const blob of blobs.reverse()) await unpackLayer(blob, '/')
})
