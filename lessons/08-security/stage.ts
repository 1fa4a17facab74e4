#!/usr/bin/env -S npx tsx
/** What the box must not have it does not get. With this lesson the walls are complete; the filter comes last: nothing could be built after it. */
import { allWalls } from '../../src/box/all-walls.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const security = stage(import.meta, {
  lesson: 8,
  name: 'security',
  idea: 'what it must not have, it does not get',
  namespaces: ['user', 'network'],
  walls: allWalls,
  launch: native,
})
