#!/usr/bin/env -S npx tsx
/** What the box must not have it does not get. The filter comes last: nothing could be built after it. */
import { cgroupView } from '../../src/box/cgroup-view.ts'
import { cgroupBirth } from '../../src/box/cgroup-birth.ts'
import { command } from '../../src/box/command.ts'
import { deviceAccess } from '../../src/box/device-access.ts'
import { devices } from '../../src/box/devices.ts'
import { keyring } from '../../src/box/keyring.ts'
import { labels } from '../../src/box/labels.ts'
import { mappedMounts } from '../../src/box/mapped-mounts.ts'
import { names } from '../../src/box/names.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { network } from '../../src/box/network.ts'
import { paths } from '../../src/box/paths.ts'
import { rights } from '../../src/box/rights.ts'
import { rlimits } from '../../src/box/rlimits.ts'
import { sysctls } from '../../src/box/sysctls.ts'
import { users } from '../../src/box/users.ts'
import { stage } from '../../src/cli/stage.ts'
import { native } from '../../src/launch/native.ts'

export const security = stage(import.meta, {
  lesson: 8,
  name: 'security',
  idea: 'what it must not have, it does not get',
  namespaces: ['user', 'network'],
  walls: [
    cgroupBirth,
    deviceAccess,
    users,
    namespaces,
    network,
    mappedMounts,
    devices,
    cgroupView,
    names,
    sysctls,
    paths,
    rlimits,
    keyring,
    labels,
    rights,
    command,
  ],
  launch: native,
})
