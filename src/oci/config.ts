/**
 * A `config.json` that somebody else has written, as our spec: runtime-spec config.md, config-linux.md. It is read, checked whole before anything is
 * made of it, and what it leaves out has the specification's own default. What we have no word for stays in it, for a wall that may have.
 */
import { CAPABILITIES, type Capability } from '../kernel/capabilities.ts'
import { config as RULES } from './config-rules.ts'
import { DEVICES } from './defaults.ts'
import type { DeviceRule, Resources } from './resources.ts'
import type { Rlimit } from './rlimits.ts'
import { resources as RESOURCES } from './resource-rules.ts'
import { NotAConfig } from './rule.ts'
import type { Capabilities, Device, Linux, Mount, Process, Spec } from './spec.ts'
import { together, type Config, type Given } from './together.ts'

export interface Place {
  /** Where the bundle lies: paths in it may be relative to it. */
  directory: string
  /** In the place of the one that it names. */
  rootfs?: string
  /** The cgroup of a bundle that names none. */
  cgroupsPath: string
  /** Of a bundle that names none; empty for the name that the namespace has anyway. */
  hostname: string
  /** Is told what is strange, and no error: runtime.md §Warnings. */
  warn?: (message: string) => void
}

// #region config
/** @throws NotAConfig naming the first field that is not what the specification says, or without which there is no box. */
export function specOfConfig(value: unknown, place: Place): Spec {
  const { root, process, linux = {}, mounts = [], ...rest } = checkConfig(value)
  return {
    ociVersion: '',
    annotations: {},
    ...without(rest, 'domainname'),
    hostname: rest.hostname || place.hostname,
    root: { ...root, path: inBundle(place.rootfs ?? root.path, place) },
    process: processOf(process, place),
    mounts: mounts.map((mount, n) => mountOf(mount, n, place)),
    linux: linuxOf(linux, place),
  }
}

/** @returns the same, with exact numbers of 64 bits. @throws NotAConfig */
export function checkConfig(value: unknown): Config {
  const config = RULES(value, '') as Config
  together(config)
  return config
}

/** Of `update`, whose -1 takes a limit away. @throws NotAConfig */
export const checkResources = (value: unknown): Resources => RESOURCES(value, 'resources') as Resources
// #endregion config

const inBundle = (path: string, { directory }: Place): string => (path.startsWith('/') ? path : `${directory}/${path}`)

/** config.md §process: what has no process is a container that nobody can start, and here none is made. */
function processOf(process: Config['process'], { warn }: Place): Process {
  if (process === undefined) throw new NotAConfig('process', 'is missing: there is nothing to run')
  const { args = [], env = [], cwd = '/', consoleSize, capabilities, user, rlimits, ...rest } = process
  if (!args[0]) throw new NotAConfig('process.args', 'names no command')
  return {
    ...without(rest, 'apparmorProfile', 'selinuxLabel'),
    ...(consoleSize &&
      rest.terminal && { consoleSize: { height: Number(consoleSize.height), width: Number(consoleSize.width) } }),
    ...(capabilities && { capabilities: setsOf(capabilities, warn) }),
    ...(user && { user: { ...ROOT, ...user } }),
    ...(rlimits && { rlimits: rlimits.map(signed) }),
    args,
    env,
    cwd,
  }
}

const ROOT = { uid: 0, gid: 0 }

/** 2^64 - 1 is no limit, as -1 is: getrlimit(2). */
const signed = ({ soft, hard, ...rlimit }: Rlimit): Rlimit => ({
  ...rlimit,
  soft: BigInt.asIntN(64, soft),
  hard: BigInt.asIntN(64, hard),
})

const SETS = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const

/** capabilities(7): what is not permitted and inheritable cannot be ambient, and the kernel refuses to try. A set that is left out is empty. */
function setsOf(given: Partial<Capabilities>, warn: Place['warn']): Capabilities {
  const known = (name: Capability): boolean => CAPABILITIES.includes(name)
  const of = (set: keyof Capabilities): Capability[] => (given[set] ?? []).filter(known)
  const unknown = new Set(SETS.flatMap((set) => (given[set] ?? []).filter((name) => !known(name))))
  for (const name of unknown)
    warn?.(`process.capabilities has "${name}" in it, which is no capability, and goes without it`)
  const [permitted, inheritable] = [of('permitted'), of('inheritable')]
  const ambient = of('ambient').filter((name) => permitted.includes(name) && inheritable.includes(name))
  return { bounding: of('bounding'), effective: of('effective'), permitted, inheritable, ambient }
}

/** mount(8) says "bind" as an option as well; then it is of no type. */
function mountOf({ options = [], destination, ...mount }: Given, n: number, place: Place): Mount {
  const isBound = options.some((option) => option === 'bind' || option === 'rbind')
  const type = isBound ? 'bind' : mount.type || 'none'
  const source = mount.source || type
  if (!destination.startsWith('/'))
    place.warn?.(`mounts[${n}].destination is "${destination}" and does not begin with "/": it is taken from there`)
  return {
    ...without(mount, 'uidMappings', 'gidMappings'),
    destination: destination.replace(/^(?!\/)/, '/'),
    type,
    source: type === 'bind' ? inBundle(source, place) : source,
    options,
  }
}

function linuxOf(
  { namespaces = [], devices = [], resources = {}, seccomp, ...linux }: Partial<Linux>,
  place: Place,
): Linux {
  const given = devices.map((device) => ({ ...NUMBERLESS, ...device }))
  const usual = DEVICES.filter(({ path }) => given.every((device) => device.path !== path))
  return {
    uidMappings: [],
    gidMappings: [],
    ...without(linux, 'mountLabel'),
    namespaces: namespaces.map((one) => without(one, 'path')),
    devices: [...usual, ...given],
    cgroupsPath: linux.cgroupsPath || place.cgroupsPath,
    resources: resourcesOf(resources),
    ...(seccomp && { seccomp: without(seccomp, 'listenerPath', 'listenerMetadata') }),
  }
}

/** config-linux.md §devices: who does not say how it may be opened lets everybody. */
const NUMBERLESS = { major: 0, minor: 0, fileMode: 0o666 } satisfies Partial<Device>

// #region resources
/** In a new cgroup there is no limit yet: one that is none is left out. But without swap is not as much of it as there is. */
function resourcesOf({ memory, cpu, pids, devices, ...others }: Resources): Resources {
  const limits = {
    ...(memory && { memory: someOf(memory, ([name, value]) => !isNone(value) || (name === 'swap' && value === -1n)) }),
    ...(cpu && { cpu: someOf(cpu, ([, value]) => !isNone(value)) }),
    ...(pids && { pids: someOf(pids, ([, value]) => !isNone(value)) }),
    ...(devices && { devices: devices.map(deviceRule) }),
  }
  return { ...others, ...someOf(limits, ([, value]) => Object.keys(value ?? {}).length > 0) }
}

const isNone = (value: unknown): boolean => value === '' || (typeof value === 'bigint' && value <= 0n)

function someOf<Value extends object>(value: Value, isMeant: (entry: [string, Value[keyof Value]]) => boolean): Value {
  return Object.fromEntries((Object.entries(value) as [string, Value[keyof Value]][]).filter(isMeant)) as Value
}

const deviceRule = (rule: DeviceRule): DeviceRule => someOf(rule, ([, value]) => value !== '' && value !== -1)
// #endregion resources

/** What is empty is as if it was not there: whoever writes a file in Go means that. */
function without<Value extends object>(value: Value, ...names: (keyof Value)[]): Value {
  const isEmpty = (one: unknown): boolean => one === '' || (Array.isArray(one) && one.length === 0)
  return someOf(value, ([name, one]) => !(names.includes(name as keyof Value) && isEmpty(one)))
}
