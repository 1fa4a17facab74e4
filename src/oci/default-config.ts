/** A `config.json` to begin with, as `spec` writes it: the content of runC's own, so that whoever knows that one finds what is changed in it. */
import { HIDDEN, READ_ONLY } from '../kernel/security.ts'
import { MOUNTS, PATH } from './defaults.ts'
import { capabilitySets } from './rights.ts'
import type { Mount, Namespace } from './spec.ts'

/** Version 1.0 has all that is in it, and there are runtimes that take no other. */
const VERSION = '1.0.2'

/** Who will make the container, when it is not root. */
export interface Rootless {
  uid: number
  gid: number
}

// #region config
/** @returns what goes into the file, to be written by writeJson. */
export const defaultConfig = (rootless?: Rootless): object => ({
  ociVersion: VERSION,
  process: {
    terminal: true,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: [PATH, 'TERM=xterm'],
    cwd: '/',
    capabilities: capabilitySets(['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']),
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'boxwright',
  mounts: [...MOUNTS, ...MORE].map((mount) => (rootless ? forOne(mount) : mount)),
  linux: {
    ...(rootless ? mapped(rootless) : { resources: { devices: [{ allow: false, access: 'rwm' }] } }),
    namespaces: [...NAMESPACES, rootless ? ({ type: 'user' } as const) : ({ type: 'network' } as const)],
    maskedPaths: HIDDEN,
    readonlyPaths: READ_ONLY,
  },
})
// #endregion config

const NAMESPACES: Namespace[] = (['pid', 'ipc', 'uts', 'mount', 'cgroup'] as const).map((type) => ({ type }))

const MORE: Mount[] = [
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
]

/** With one number of a group there is no group 5; and sysfs is for whoever rules over the network that it shows. */
function forOne({ options, ...mount }: Mount): Mount {
  const possible = options.filter((option) => !/^[ug]id=/.test(option))
  if (mount.type !== 'sysfs') return { ...mount, options: possible }
  return { ...mount, type: 'none', source: '/sys', options: ['rbind', ...possible] }
}

const mapped = ({ uid, gid }: Rootless): object => ({
  uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
  gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
})
