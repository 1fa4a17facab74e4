#!/usr/bin/env -S npx tsx
/** A box of its own for each, and one copy of what they have in common: the root is laid together from layers. */
import { allWalls } from '../../src/box/all-walls.ts'
import { layers } from '../../src/box/layers.ts'
import { mappedMounts } from '../../src/box/mapped-mounts.ts'
import { mounts } from '../../src/box/mounts.ts'
import { users } from '../../src/box/users.ts'
import { stageOfSnapshots } from '../../src/cli/snapshot-stage.ts'
import { native } from '../../src/launch/native.ts'

/** As an example, to be drawn: each box brings its own. */
const EXAMPLE = layers([
  {
    type: 'overlay',
    source: 'overlay',
    options: ['workdir=/WORK', 'upperdir=/UPPER', 'lowerdir=/LOWER'],
  },
])

export const snapshots = stageOfSnapshots(import.meta, {
  lesson: 11,
  name: 'snapshots',
  idea: 'a hundred boxes of one image, and one copy of it',
  namespaces: ['network'],
  exercise: 'keeper',
  // Lesson 8’s, without its users; where its mounts began, layers.
  walls: allWalls.flatMap((wall) => {
    if (wall === users) return []
    return wall === mappedMounts ? [EXAMPLE, mounts] : [wall]
  }),
  launch: native,
})
