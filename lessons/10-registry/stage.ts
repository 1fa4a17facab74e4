#!/usr/bin/env -S npx tsx
/** The walls are those of lesson 8. What is new is where an image comes from: its name may be that of a registry. */
import { allWalls } from '../../src/box/all-walls.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const registry = stage(import.meta, {
  lesson: 10,
  name: 'registry',
  idea: 'a place to get images from: blobs by digest, and names for manifests',
  namespaces: ['user', 'network'],
  exercise: 'puller',
  walls: allWalls,
  launch: native,
})
