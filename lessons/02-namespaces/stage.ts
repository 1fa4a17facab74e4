#!/usr/bin/env -S npx tsx
/** A root, and names of its own. */
import { command } from '../../src/box/command.ts'
import { namespaces as names } from '../../src/box/namespaces.ts'
import { root } from '../../src/box/root.ts'
import { stage } from '../../src/cli/stage.ts'
import { inline } from '../../src/launch/inline.ts'

export const namespaces = stage(import.meta, {
  lesson: 2,
  name: 'namespaces',
  idea: 'a view of its own: process numbers, host name, mounts',
  walls: [names, root, command],
  launch: inline,
})
