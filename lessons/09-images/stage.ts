#!/usr/bin/env -S npx tsx
/** The walls are those of lesson 8. What is new is what they stand around: an image, unpacked. */
import { allWalls } from '../../src/box/all-walls.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const images = stage(import.meta, {
  lesson: 9,
  name: 'images',
  idea: 'what is in the box has a name: the digest of its bytes',
  namespaces: ['user', 'network'],
  exercise: 'unpacker',
  walls: allWalls,
  launch: native,
})
