import type { Capability } from '../kernel/capabilities.ts'
import type { Resources } from './resources.ts'
import type { Rlimit } from './rlimits.ts'
import type { IO_CLASSES, MEMORY_FLAGS, MEMORY_MODES, PERSONALITIES, POLICIES, SCHEDULER_FLAGS } from './scheduling.ts'
import type { Seccomp } from './seccomp.ts'

/**
 * What a container is asked to be: the OCI runtime specification's `config.json`, version 1.3, as far as it is about Linux. Lesson 1 uses three
 * fields of it. The names are the specification's own (runtime-spec config.md, config-linux.md). What a file leaves out has its default here, so
 * that nobody else has to know it; what is `?` makes a difference by not being there.
 */
export interface Spec {
  ociVersion: string
  root: { path: string; readonly?: boolean }
  /** What uname(2) says in the box's own UTS namespace. */
  hostname: string
  domainname?: string
  process: Process
  mounts: Mount[]
  hooks?: Hooks
  annotations: Record<string, string>
  linux: Linux
}

export interface Process {
  args: string[]
  env: string[]
  cwd: string
  terminal?: boolean
  /** Of the terminal, in characters. */
  consoleSize?: { height: number; width: number }
  user?: User
  capabilities?: Capabilities
  noNewPrivileges?: boolean
  rlimits?: readonly Rlimit[]
  apparmorProfile?: string
  selinuxLabel?: string
  /** -1000 to 1000: proc_pid_oom_score_adj(5). */
  oomScoreAdj?: number
  scheduler?: Scheduler
  ioPriority?: { class: keyof typeof IO_CLASSES; priority: number }
  /** Of what `exec` starts: lists of processors before and after it has joined the cgroup. */
  execCPUAffinity?: { initial?: string; final?: string }
}

/** Numbers in the box; root when left out. */
export interface User {
  uid: number
  gid: number
  additionalGids?: number[]
  umask?: number
}

/** capabilities(7), "Thread capability sets". */
export type Capabilities = Record<
  'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient',
  readonly Capability[]
>

/** sched_setattr(2). Times are nanoseconds. */
export interface Scheduler {
  policy: keyof typeof POLICIES
  nice?: number
  priority?: number
  flags?: readonly (keyof typeof SCHEDULER_FLAGS)[]
  runtime?: bigint
  deadline?: bigint
  period?: bigint
}

/** `options` are those of mount(8): flags by name, and whatever else goes to the file system as data. */
export interface Mount {
  destination: string
  type: string
  source: string
  options: string[]
  /** Of an id-mapped mount whose numbers are not the box's own: mount_setattr(2). */
  uidMappings?: IdMapping[]
  gidMappings?: IdMapping[]
}

/** Programs that are run at points of a container's life, with its state on standard input: config.md §posix-platform-hooks. */
export type Hooks = Partial<Record<HookName, readonly Hook[]>>

/** In the order of a life. */
export const HOOKS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const

export type HookName = (typeof HOOKS)[number]

export interface Hook {
  path: string
  /** The first is the program's own name, as with execve(2). */
  args?: readonly string[]
  env?: readonly string[]
  /** Seconds. */
  timeout?: number
}

export interface Linux {
  namespaces: Namespace[]
  /** Which numbers of users and groups in the box are which outside. */
  uidMappings: IdMapping[]
  gidMappings: IdMapping[]
  timeOffsets?: Partial<Record<'monotonic' | 'boottime', TimeOffset>>
  devices: Device[]
  /** Interfaces of the host's that move in, and what they are called there. */
  netDevices?: Readonly<Record<string, { name?: string }>>
  cgroupsPath: string
  resources: Resources
  rootfsPropagation?: Propagation
  seccomp?: Seccomp
  maskedPaths?: readonly string[]
  readonlyPaths?: readonly string[]
  sysctl?: Readonly<Record<string, string>>
  mountLabel?: string
  intelRdt?: IntelRdt
  memoryPolicy?: MemoryPolicy
  personality?: { domain: keyof typeof PERSONALITIES; flags?: readonly string[] }
}

/** A new one, or the one at `path`. */
export interface Namespace {
  type: NamespaceType
  path?: string
}

export const NAMESPACES = ['pid', 'uts', 'ipc', 'mount', 'cgroup', 'user', 'network', 'time'] as const

export type NamespaceType = (typeof NAMESPACES)[number]

export interface IdMapping {
  containerID: number
  hostID: number
  size: number
}

/** Added to a clock: time_namespaces(7). */
export interface TimeOffset {
  secs?: bigint
  nanosecs?: number
}

/** A file by which the kernel knows a device of its own, by two numbers (null(4), random(4), tty(4)); or a fifo, which has none. */
export interface Device {
  path: string
  /** c and u: of characters, b: of blocks, p: a fifo. */
  type: 'c' | 'u' | 'b' | 'p'
  major: number
  minor: number
  fileMode: number
  uid?: number
  gid?: number
  /** Ours: what may be done with it, all unless told: r, w, m. */
  access?: string
}

/** mount_namespaces(7), "Shared subtrees"; with an r, of all mounts below as well. */
export const PROPAGATIONS = [
  ...(['private', 'shared', 'slave', 'unbindable'] as const),
  ...(['rprivate', 'rshared', 'rslave', 'runbindable'] as const),
] as const

export type Propagation = (typeof PROPAGATIONS)[number]

/** Caches and bandwidth of memory that a class of processes gets: the kernel's Documentation/filesystems/resctrl.rst. */
export interface IntelRdt {
  closID?: string
  schemata?: readonly string[]
  l3CacheSchema?: string
  memBwSchema?: string
  enableMonitoring?: boolean
}

/** set_mempolicy(2). */
export interface MemoryPolicy {
  mode: keyof typeof MEMORY_MODES
  nodes?: string
  flags?: readonly (keyof typeof MEMORY_FLAGS)[]
}
