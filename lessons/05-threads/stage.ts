#!/usr/bin/env -S npx tsx
/** The same walls, another launcher; and one step that only a process without threads can take. */
import { cgroupView } from '../../src/box/cgroup-view.ts'
import { cgroups } from '../../src/box/cgroups.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { nobody } from '../../src/box/nobody.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const threads = stage(import.meta, {
  lesson: 5,
  name: 'threads',
  idea: 'a launcher without threads, and a command without rights',
  walls: [cgroups, namespaces, mounts, devices, cgroupView, nobody, command],
  launch: native,
})
