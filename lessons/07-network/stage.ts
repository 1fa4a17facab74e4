#!/usr/bin/env -S npx tsx
/** A network of its own. */
import { cgroupView } from '../../src/box/cgroup-view.ts'
import { cgroupBirth } from '../../src/box/cgroup-birth.ts'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mappedMounts } from '../../src/box/mapped-mounts.ts'
import { names } from '../../src/box/names.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { network } from '../../src/box/network.ts'
import { user } from '../../src/box/user.ts'
import { users } from '../../src/box/users.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const ownNetwork = stage(import.meta, {
  lesson: 7,
  name: 'network',
  idea: 'a network of its own',
  namespaces: ['user', 'network'],
  walls: [
    cgroupBirth,
    users,
    namespaces,
    network,
    mappedMounts,
    devices,
    cgroupView,
    names,
    user,
    command,
  ],
  launch: native,
})
