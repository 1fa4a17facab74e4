#!/usr/bin/env -S npx tsx
/** A fair share. The box walks into its cgroup first, so that its cgroup namespace begins there. */
import { cgroupView } from '../../src/box/cgroup-view.ts'
import { cgroups as share } from '../../src/box/cgroups.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { stage } from '../../src/cli/stage.ts'
import { inline } from '../../src/launch/inline.ts'

export const cgroups = stage(import.meta, {
  lesson: 4,
  name: 'cgroups',
  idea: 'a fair share of memory, processes and processor time',
  walls: [share, namespaces, mounts, devices, cgroupView, command],
  launch: inline,
})
