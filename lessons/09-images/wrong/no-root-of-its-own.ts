/** It looks at no link, and has the root that everybody has. */
import { openSync } from 'node:fs'
import { layersIn, program } from '../given.ts'
import { expectWhole, unpackLayer } from '../solution.ts'

export const diagnosis = 'outside'

program(import.meta, async (layout, target) => {
  const layers = layersIn(layout)
  layers.forEach(expectWhole)
  const blobs = layers.map(({ file }) => openSync(file, 'r'))
  for (const blob of blobs) await unpackLayer(blob, target)
})
