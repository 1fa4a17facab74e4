#!/usr/bin/env -S npx tsx
/** A process, and its root. */
import { command } from '../../src/box/command.ts'
import { root } from '../../src/box/root.ts'
import { stage } from '../../src/cli/stage.ts'
import { inline } from '../../src/launch/inline.ts'

export const chroot = stage(import.meta, {
  lesson: 1,
  name: 'chroot',
  idea: 'a process looks for / where it is told to',
  walls: [root, command],
  launch: inline,
})
