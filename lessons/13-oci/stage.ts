#!/usr/bin/env -S npx tsx
/** Whatever a bundle asks for, in runC's words: create, start, state, kill, delete. The spec of lesson 1 was the standard all along. */
import { stageOfBundles } from '../../src/cli/bundle-stage.ts'
import { native } from '../../src/launch/native.ts'
import { exampleWalls } from '../../src/runtime/walls.ts'

export const oci = stageOfBundles(import.meta, {
  lesson: 13,
  name: 'oci',
  idea: 'one spec, and a runtime that anybody can drive',
  exercise: 'runtime',
  walls: exampleWalls,
  launch: native,
})
