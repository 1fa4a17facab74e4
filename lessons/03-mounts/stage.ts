#!/usr/bin/env -S npx tsx
/** A file system of its own takes the place of the root: chroot has gone. */
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts as fileSystem } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { stage } from '../../src/cli/stage.ts'
import { inline } from '../../src/launch/inline.ts'

export const mounts = stage(import.meta, {
  lesson: 3,
  name: 'mounts',
  idea: 'a file system of its own, and no way back',
  walls: [namespaces, fileSystem, devices, command],
  launch: inline,
})
