/** A box as it is when nothing else is asked for: what runC's `spec` command and Docker agree on, as far as the lessons have come. */
import { NETWORK, type NetworkWish } from './network.ts'
import { confined, guarded, type Confinement } from './security.ts'
import type { Device, IdMapping, Mount, NamespaceType, Spec, User } from './spec.ts'

export interface Asked {
  id: string
  rootfs: string
  args: string[]
  hostname?: string
  resources?: Spec['linux']['resources']
  /** Kinds of namespaces that later lessons add. */
  namespaces?: readonly NamespaceType[]
  mappings?: IdMapping[]
  user?: User
  volumes?: readonly Mount[]
  network?: Partial<Omit<NetworkWish, 'id'>>
  /** Since lesson 8. */
  security?: Confinement
  readonly?: boolean
  devices?: readonly Device[]
}

/** Of the runtime specification that our types, our checks and our own specs are of. */
export const VERSION = '1.3.0'

/** What a plan that is only shown calls the root file system. */
export const BASE = '/BASE'

export function defaultSpec({
  id,
  rootfs,
  args,
  hostname = 'box',
  resources = {},
  namespaces = [],
  mappings = [],
  user,
  volumes = [],
  network = {},
  security = {},
  readonly = false,
  devices = [],
}: Asked): Spec {
  const all = [...DEVICES.filter(({ path }) => devices.every((device) => device.path !== path)), ...devices]
  const shared = network.network === 'host' ? 'network' : undefined
  const guard = guarded(security, all)
  return {
    ociVersion: VERSION,
    root: { path: rootfs, ...(readonly && { readonly }) },
    hostname,
    process: { args, env: environment(id), cwd: '/', ...(user && { user }), ...confined(security) },
    mounts: [...MOUNTS, ...volumes],
    annotations: { [NETWORK]: JSON.stringify({ ...network, id }) },
    linux: {
      namespaces: [...NAMESPACES, ...namespaces.filter((type) => type !== shared)].map((type) => ({ type })),
      uidMappings: mappings,
      gidMappings: mappings,
      ...guard,
      devices: all,
      cgroupsPath: `/boxwright-${id}`,
      resources: { ...guard.resources, ...resources },
    },
  }
}

const NAMESPACES: NamespaceType[] = ['mount', 'uts', 'ipc', 'pid', 'cgroup']

/** The name in BOXWRIGHT_BOX is how a process is known as ours after whoever started it has died. */
export const BOX_MARK = 'BOXWRIGHT_BOX'

/** Where a command is looked for when nobody says. */
export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function environment(id: string): string[] {
  const terminal = process.env['TERM']
  return [PATH, 'HOME=/root', ...(terminal ? [`TERM=${terminal}`] : []), `${BOX_MARK}=${id}`]
}

// #region mounts
/** runtime-spec config-linux.md §default-filesystems, with the options that every runtime gives them. */
export const MOUNTS: Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
]
// #endregion mounts

// #region devices
/** runtime-spec config-linux.md §default-devices. */
export const DEVICES: Device[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
  { path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: 0o666 },
  { path: '/dev/random', type: 'c', major: 1, minor: 8, fileMode: 0o666 },
  { path: '/dev/urandom', type: 'c', major: 1, minor: 9, fileMode: 0o666 },
  { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: 0o666 },
]
// #endregion devices
