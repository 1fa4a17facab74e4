import type { Capability } from '../kernel/capabilities.ts'
import type { Rlimit } from './rlimits.ts'
import type { Seccomp } from './seccomp.ts'

/**
 * What a container is asked to be: the OCI runtime specification's `config.json`, as far as the lessons have come.
 * Lesson 1 uses three fields of it. The names are the specification's own (runtime-spec config.md, config-linux.md).
 */
export interface Spec {
  root: { path: string; readonly?: boolean }
  hostname: string
  process: Process
  mounts: Mount[]
  annotations: Record<string, string>
  linux: {
    namespaces: { type: NamespaceType }[]
    /** Which numbers of users and groups in the box are which outside. */
    uidMappings: IdMapping[]
    gidMappings: IdMapping[]
    devices: Device[]
    cgroupsPath: string
    resources: Resources
    seccomp?: Seccomp
    maskedPaths?: readonly string[]
    readonlyPaths?: readonly string[]
    sysctl?: Readonly<Record<string, string>>
  }
}

export interface Process {
  args: string[]
  env: string[]
  cwd: string
  user?: User
  capabilities?: Capabilities
  noNewPrivileges?: boolean
  rlimits?: readonly Rlimit[]
  apparmorProfile?: string
  selinuxLabel?: string
}

/** Numbers in the box; root when left out. */
export interface User {
  uid: number
  gid: number
  additionalGids?: number[]
}

/** capabilities(7), "Thread capability sets". */
export type Capabilities = Record<
  'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient',
  readonly Capability[]
>

export type NamespaceType = 'pid' | 'uts' | 'ipc' | 'mount' | 'cgroup' | 'user' | 'network'

export interface IdMapping {
  containerID: number
  hostID: number
  size: number
}

/** `options` are those of mount(8): flags by name, and whatever else goes to the file system as data. */
export interface Mount {
  destination: string
  type: string
  source: string
  options: string[]
}

/** For each kind of access the last rule that is about it decides. A number that is left out stands for any. */
export interface DeviceRule {
  allow: boolean
  /** a: all, b: block devices, c: character devices. */
  type?: 'a' | 'b' | 'c'
  major?: number
  minor?: number
  /** r: read, w: write, m: mknod(2). */
  access?: string
}

/** A character device: its name in the box, and the numbers by which the kernel knows it (null(4), random(4), tty(4)). */
export interface Device {
  path: string
  major: number
  minor: number
  mode: number
  /** What may be done with it, all unless told: r, w, m. */
  access?: string
}

/** Limits. 64-bit values are bigint: 2^63 bytes is a limit that people do write. */
export interface Resources {
  memory?: { limit: bigint }
  pids?: { limit: bigint }
  /** May run `quota` microseconds in each `period` of them. */
  cpu?: { quota?: bigint; period?: bigint; cpus?: string }
  devices?: readonly DeviceRule[]
  blockIO?: { throttleReadBpsDevice?: Throttle[]; throttleWriteBpsDevice?: Throttle[] }
}

/** Bytes a second from or to one block device. */
export interface Throttle {
  major: number
  minor: number
  rate: bigint
}
