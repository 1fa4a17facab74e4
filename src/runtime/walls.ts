/** The last stage: all walls, in the order in which they can be built. The first lesson had one. */
import { BASE } from '../oci/defaults.ts'
import { boxHooks, runtimeHooks } from '../box/hooks.ts'
import { containerCommand } from '../box/container/command.ts'
import { containerCgroups } from '../box/container/cgroups.ts'
import { containerDeviceAccess } from '../box/container/device-access.ts'
import { containerDevices } from '../box/container/devices.ts'
import { containerLandlock } from '../box/container/landlock.ts'
import { containerMounts } from '../box/container/mounts.ts'
import { containerNamespaces } from '../box/container/namespaces.ts'
import { containerPaths } from '../box/container/paths.ts'
import { containerPivot, containerRoot } from '../box/container/root.ts'
import type { Around } from '../box/container/surroundings.ts'
import type { Creator } from '../box/container/process.ts'
import { containerRights, lastFilter } from '../box/container/rights.ts'
import { containerSysctls } from '../box/container/sysctls.ts'
import { intelRdt } from '../box/container/intel-rdt.ts'
import { netDevices } from '../box/container/net-devices.ts'
import { containerTerminal } from '../box/terminal.ts'
import { pidfd } from '../box/container/pidfd.ts'
import { threshold } from '../box/threshold.ts'
import type { Self } from '../kernel/self.ts'
import type { Wall } from '../plan/plan.ts'
import { withFields } from './fields.ts'
import { processWalls } from './process-walls.ts'
import type { Making } from './settings.ts'

// #region walls
/** At the sockets somebody waits for the container's terminal, and for a pidfd of it. */
export const wallsOf = (
  creator: Creator,
  around: Around,
  { consoleSocket, pidfdSocket }: Pick<Making, 'consoleSocket' | 'pidfdSocket'> = {},
): Wall[] =>
  [
    containerCgroups,
    containerDeviceAccess,
    containerNamespaces(around),
    containerRoot(around),
    containerMounts(around),
    containerDevices(around),
    intelRdt(creator),
    netDevices(creator),
    runtimeHooks(creator),
    boxHooks(creator, 'createContainer'),
    containerPivot(around),
    containerTerminal(consoleSocket),
    pidfd('standard', pidfdSocket),
    containerSysctls,
    containerPaths,
    ...processWalls(creator),
    containerLandlock,
    containerRights(creator),
    threshold,
    boxHooks(creator, 'startContainer'),
    lastFilter,
    containerCommand,
  ].map(withFields)
// #endregion walls

const EXAMPLE: Around = {
  root: BASE,
  kinds: { [BASE]: 'directory' },
  devices: {},
  namespaces: {},
  isOpen: true,
  mountPoint: '/',
  shown: ['/proc', '/sys'],
  maker: { uid: 0, gid: 0, mayMount: true },
}

const ALL = (1n << 41n) - 1n
const ROOT: Self = { bounding: ALL, effective: ALL, limits: [], oomScoreAdj: 0, mayChangeGroups: true }

/** Those of a container of which nothing is known but its spec: to be looked at. */
export const exampleWalls: Wall[] = wallsOf({ id: 'ID', bundle: '/BUNDLE', self: ROOT }, EXAMPLE)
