#!/usr/bin/env -S npx tsx
/** Root in the box is somebody else outside: the rights that it has it has over its own things. */
import { cgroupView } from '../../src/box/cgroup-view.ts'
import { cgroupBirth } from '../../src/box/cgroup-birth.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mappedMounts } from '../../src/box/mapped-mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { user } from '../../src/box/user.ts'
import { users } from '../../src/box/users.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const ownUsers = stage(import.meta, {
  lesson: 6,
  name: 'users',
  idea: 'root in the box, and nobody outside',
  namespaces: ['user'],
  walls: [
    cgroupBirth,
    users,
    namespaces,
    mappedMounts,
    devices,
    cgroupView,
    user,
    command,
  ],
  launch: native,
})
